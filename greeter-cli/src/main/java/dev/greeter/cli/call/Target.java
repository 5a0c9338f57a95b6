package dev.greeter.cli.call;

import com.google.common.net.HostAndPort;
import io.grpc.Metadata;
import java.time.Duration;

/**
 * Which service a command calls, and how.
 *
 * @param server address of the service
 * @param timeout deadline of each call; for {@code Chat}, of each answer
 * @param headers what every call carries beside the secret
 * @param waits whether a call waits for a service that is not there, instead of failing at once
 */
public record Target(HostAndPort server, Duration timeout, Metadata headers, boolean waits) {

  /** Returns the same, for whose service a call waits. */
  public Target waiting() {
    return new Target(server, timeout, headers, true);
  }
}
