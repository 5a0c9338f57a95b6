package dev.greeter.guard.auth;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the secret from leaving this machine in clear text. */
final class PlaintextGuard {

  /** Lets it go anywhere: it is encrypted, or its owner has allowed it. */
  static final PlaintextGuard OPEN = new PlaintextGuard(null);

  /** Makes what is thrown of the authority that the secret would go to. */
  private final @Nullable Function<String, ? extends RuntimeException> refusal;

  PlaintextGuard(@Nullable Function<String, ? extends RuntimeException> refusal) {
    this.refusal = refusal;
  }

  /**
   * Lets a call pass.
   *
   * @param authority where it goes, {@code host:port}
   * @throws RuntimeException the refusal, if its secret could be read on the way
   */
  void check(String authority) {
    if (refusal != null && !isLoopback(HostAndPort.fromString(authority).getHost())) {
      throw refusal.apply(authority);
    }
  }

  /** By the address, and for the names that RFC 6761, section 6.3, keeps for loopback. */
  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || (InetAddresses.isInetAddress(host) && InetAddresses.forString(host).isLoopbackAddress());
  }
}
