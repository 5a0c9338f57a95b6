package dev.greeter.guard;

import com.google.common.net.InetAddresses;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.CompositeCallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sends the secret with each call: the client side of {@link Guard}. Over an unencrypted connection
 * it is sent only to this machine, unless plaintext is allowed: the connection must lead to a
 * loopback address, and the call's authority must be one or a name at or below {@code localhost}.
 * Other calls fail with {@code UNAUTHENTICATED}, caused by a {@link SecurityException}.
 */
public final class SecretCredentials extends CallCredentials {

  private final Metadata.Key<String> header;
  private final Secrets secrets;
  private final boolean plaintextAllowed;

  private SecretCredentials(String header, Secrets secrets, boolean plaintextAllowed) {
    this.header = Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
    this.secrets = secrets;
    this.plaintextAllowed = plaintextAllowed;
  }

  /**
   * Sends a secret in the header {@code authorization}.
   *
   * @param secrets the current one is sent
   * @throws IllegalArgumentException if there is none in clear text: a digest cannot be sent
   */
  public static SecretCredentials of(Secrets secrets) {
    secrets.toSend();
    return new SecretCredentials("authorization", secrets, false);
  }

  /**
   * Returns these credentials for another header.
   *
   * @throws InvalidSettingException if gRPC cannot carry it
   */
  public SecretCredentials withHeader(String name) {
    InvalidSettingException.checkHeader("header", name);
    return new SecretCredentials(name, secrets, plaintextAllowed);
  }

  /** Returns these credentials for a trusted network: plaintext is allowed. */
  public SecretCredentials allowPlaintext() {
    return new SecretCredentials(header.name(), secrets, true);
  }

  /** Returns an interceptor that adds the secret to each call of a channel. */
  public ClientInterceptor interceptor() {
    return new ClientInterceptor() {
      @Override
      public <Q, R> ClientCall<Q, R> interceptCall(
          MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        CallCredentials others = options.getCredentials();
        CallCredentials all =
            others == null
                ? SecretCredentials.this
                : new CompositeCallCredentials(others, SecretCredentials.this);
        return next.newCall(method, options.withCallCredentials(all));
      }
    };
  }

  @Override
  public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
    boolean encrypted = call.getSecurityLevel() == SecurityLevel.PRIVACY_AND_INTEGRITY;
    if (plaintextAllowed || encrypted || isToThisMachine(call)) {
      Metadata headers = new Metadata();
      headers.put(header, secrets.toSend());
      applier.apply(headers);
    } else {
      var reason =
          new SecurityException(
              "The secret was not sent to %s: the connection is not encrypted"
                  .formatted(call.getAuthority()));
      applier.fail(Status.UNAUTHENTICATED.withDescription(reason.getMessage()).withCause(reason));
    }
  }

  /** The address may be that of a local proxy, which sends the call to the authority. */
  private static boolean isToThisMachine(RequestInfo call) {
    return call.getTransportAttrs().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress to
        && isLoopback(to.getAddress())
        && isLocal(URI.create("//" + call.getAuthority()).getHost());
  }

  private static boolean isLocal(@Nullable String host) {
    return host != null
        && (InetAddresses.isUriInetAddress(host)
            ? isLoopback(InetAddresses.forUriString(host))
            : ("." + host).endsWith(".localhost"));
  }

  private static boolean isLoopback(@Nullable InetAddress address) {
    return address != null && address.isLoopbackAddress();
  }
}
