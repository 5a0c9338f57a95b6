package dev.greeter.guard.auth;

import com.google.common.base.Ascii;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the secret from leaving this machine in clear text. */
final class PlaintextGuard {

  /** Lets it go anywhere: it is encrypted, or its owner has allowed it. */
  static final PlaintextGuard OPEN = new PlaintextGuard(null);

  /** Makes what is thrown of the authority that the secret would go to. */
  private final @Nullable Function<String, ? extends RuntimeException> refusal;

  private final Resolver resolver;

  PlaintextGuard(@Nullable Function<String, ? extends RuntimeException> refusal) {
    this(refusal, InetAddress::getAllByName);
  }

  PlaintextGuard(
      @Nullable Function<String, ? extends RuntimeException> refusal, Resolver resolver) {
    this.refusal = refusal;
    this.resolver = resolver;
  }

  /** Finds the addresses of a name. */
  interface Resolver {
    InetAddress[] resolve(String name) throws UnknownHostException;
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

  /**
   * By the address, and for the names that RFC 6761, section 6.3, keeps for loopback, by what the
   * system makes of them: it may ask a server for them, which sends the call elsewhere.
   */
  private boolean isLoopback(String host) {
    if (InetAddresses.isInetAddress(host)) {
      // Without a zone, for which an interface would be looked up, and may not be there.
      int zone = host.indexOf('%');
      String address = zone < 0 ? host : host.substring(0, zone);
      return InetAddresses.forString(address).isLoopbackAddress();
    }
    String name = "." + Ascii.toLowerCase(host) + (host.endsWith(".") ? "" : ".");
    return name.endsWith(".localhost.") && allLoopback(host);
  }

  private boolean allLoopback(String name) {
    try {
      return Arrays.stream(resolver.resolve(name)).allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
