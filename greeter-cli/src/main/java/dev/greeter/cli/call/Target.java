package dev.greeter.cli.call;

import com.google.common.net.HostAndPort;
import io.grpc.ClientInterceptor;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The service that a command calls, and how.
 *
 * @param server address of the service
 * @param source what named it, {@code --server} or {@code GREETER_SERVER}
 * @param timeout deadline of each call; for {@code Chat}, of each answer
 * @param interceptors of every call, behind the one that adds the secret
 * @param waits whether a call waits for a service that is not there, instead of failing at once
 */
public record Target(
    HostAndPort server,
    String source,
    Duration timeout,
    List<ClientInterceptor> interceptors,
    boolean waits) {

  /** Returns the same, for whose service a call waits. */
  public Target waiting() {
    return new Target(server, source, timeout, interceptors, true);
  }

  /** Returns the same with one more interceptor. */
  public Target withInterceptor(ClientInterceptor last) {
    var all = Stream.concat(interceptors.stream(), Stream.of(last)).toList();
    return new Target(server, source, timeout, all, waits);
  }

  /** Returns the same with another timeout. */
  public Target within(Duration other) {
    return new Target(server, source, other, interceptors, waits);
  }
}
