package dev.greeter.cli.call;

import com.google.common.net.HostAndPort;
import io.grpc.ClientInterceptor;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The service to call and the call's options.
 *
 * @param server the service's address
 * @param source the source of the address, {@code --server} or {@code GREETER_SERVER}
 * @param timeout the deadline of each call; for {@code Chat}, of each answer
 * @param interceptors interceptors that run after the one that adds the secret
 * @param waits whether a call waits for an unreachable service instead of failing immediately
 */
public record Target(
    HostAndPort server,
    String source,
    Duration timeout,
    List<ClientInterceptor> interceptors,
    boolean waits) {

  /** Returns a copy whose calls wait for the service. */
  public Target waiting() {
    return new Target(server, source, timeout, interceptors, true);
  }

  /** Returns a copy with one more interceptor. */
  public Target withInterceptor(ClientInterceptor last) {
    var all = Stream.concat(interceptors.stream(), Stream.of(last)).toList();
    return new Target(server, source, timeout, all, waits);
  }

  /** Returns a copy with another timeout. */
  public Target within(Duration other) {
    return new Target(server, source, other, interceptors, waits);
  }
}
