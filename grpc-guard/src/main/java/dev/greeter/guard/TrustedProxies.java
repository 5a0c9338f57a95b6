package dev.greeter.guard;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import com.google.common.primitives.Bytes;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The proxies that are trusted to report the address of a client. */
public final class TrustedProxies {

  private static final Metadata.Key<String> FORWARDED_FOR =
      Metadata.Key.of("x-forwarded-for", Metadata.ASCII_STRING_MARSHALLER);

  /** Prefixes of the {@link #bits} of their addresses. */
  private final List<String> networks = new ArrayList<>();

  private TrustedProxies() {}

  /**
   * Parses networks in CIDR notation, such as {@code 10.1.0.0/16}; an address is a network of one.
   *
   * @param setting the name of the setting
   * @throws InvalidSettingException if one is not a network, has bits set after its prefix, or
   *     contains all addresses, so that callers could forge theirs
   */
  public static TrustedProxies of(String setting, List<String> networks) {
    var proxies = new TrustedProxies();
    for (String network : networks) {
      String[] parts = network.split("/", 2);
      try {
        String bits = bits(InetAddresses.forString(parts[0]));
        int most = bits.length() - 1;
        int prefix = parts.length < 2 ? most : Integer.parseInt(parts[1]);
        if (prefix < 1 || bits.indexOf('1', 1 + prefix) > 0) {
          throw new IllegalArgumentException();
        }
        proxies.networks.add(bits.substring(0, 1 + prefix));
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        throw new InvalidSettingException(
            setting,
            "has an entry that is not a network: number " + (proxies.networks.size() + 1),
            "networks of proxies, separated by commas, such as 10.1.0.0/16,2001:db8::/64");
      }
    }
    return proxies;
  }

  /** Returns 4 or 6 followed by the bits of an address. */
  private static String bits(InetAddress ip) {
    byte[] bytes = ip.getAddress();
    String bits = new BigInteger(1, Bytes.concat(new byte[] {1}, bytes)).toString(2);
    return (bytes.length == 4 ? '4' : '6') + bits.substring(1);
  }

  /** Returns whether an address is a proxy's. */
  boolean contains(@Nullable SocketAddress from) {
    return !networks.isEmpty()
        && from instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && contains(inet.getAddress());
  }

  private boolean contains(InetAddress ip) {
    String bits = bits(ip);
    return networks.stream().anyMatch(bits::startsWith);
  }

  /**
   * Returns the origin of a call. Each proxy appends its caller's address to {@code
   * x-forwarded-for}, so the last one that is not a proxy's is the client's. The client may have
   * forged those before it. If all are proxies', the first proxy made the call itself.
   *
   * @return the client's address, with port 0; the proxy's own if the header is missing or invalid
   */
  SocketAddress clientOf(SocketAddress proxy, Metadata headers) {
    Iterable<String> values = headers.getAll(FORWARDED_FOR);
    if (values == null) {
      return proxy;
    }
    String list = String.join(",", values);
    InetAddress client;
    int end = list.length();
    do {
      int comma = list.lastIndexOf(',', end - 1);
      try {
        // Some proxies add the client's port.
        String host = HostAndPort.fromString(list.substring(comma + 1, end).strip()).getHost();
        client = InetAddresses.forString(host);
      } catch (IllegalArgumentException e) {
        return proxy;
      }
      end = comma;
    } while (end >= 0 && contains(client));
    return new InetSocketAddress(client, 0);
  }

  /** Shows an interceptor, and all inside it, the client's address in a proxy's call. */
  ServerInterceptor around(ServerInterceptor inner) {
    if (networks.isEmpty()) {
      return inner; // Saves a check for each call.
    }
    return new ServerInterceptor() {
      @Override
      public <Q, R> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        SocketAddress from = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (from == null || !contains(from)) {
          return inner.interceptCall(call, headers, next);
        }
        Attributes attributes =
            call.getAttributes().toBuilder()
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, clientOf(from, headers))
                .build();
        var forwarded =
            new SimpleForwardingServerCall<>(call) {
              @Override
              public Attributes getAttributes() {
                return attributes;
              }
            };
        return inner.interceptCall(forwarded, headers, next);
      }
    };
  }
}
