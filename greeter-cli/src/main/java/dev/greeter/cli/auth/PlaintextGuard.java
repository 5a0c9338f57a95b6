package dev.greeter.cli.auth;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import dev.greeter.cli.error.UsageException;

/** Keeps the secret from leaving this machine in clear text. */
final class PlaintextGuard {

  private final boolean open;

  /**
   * Creates the guard.
   *
   * @param open whether the secret may go anywhere: it is encrypted, or the user has allowed it
   */
  PlaintextGuard(boolean open) {
    this.open = open;
  }

  /**
   * Lets a call pass.
   *
   * @param authority where it goes, {@code host:port}
   * @throws UsageException if its secret could be read on the way
   */
  void check(String authority) {
    if (!open && !isLoopback(HostAndPort.fromString(authority).getHost())) {
      throw new UsageException(
          "The secret would go to %s in clear text, for everybody on the way to read.%n"
                  .formatted(authority)
              + "Use TLS (GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE=tls), or set"
              + " GREETER_AUTH_ALLOW_PLAINTEXT=true on a network that you trust.");
    }
  }

  /** By the address, and for the names that RFC 6761, section 6.3, keeps for loopback. */
  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || (InetAddresses.isInetAddress(host) && InetAddresses.forString(host).isLoopbackAddress());
  }
}
