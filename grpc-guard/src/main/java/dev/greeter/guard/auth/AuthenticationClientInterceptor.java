package dev.greeter.guard.auth;

import dev.greeter.guard.setting.InvalidSettingException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.function.Function;

/**
 * Adds the shared secret to the metadata of every call, whatever its kind: the mirror image of
 * {@link AuthenticationServerInterceptor}.
 */
public final class AuthenticationClientInterceptor implements ClientInterceptor {

  private final Metadata.Key<String> header;
  private final Secrets secrets;
  private final PlaintextGuard guard;

  /**
   * Creates the interceptor for channels with TLS, or of a network that is trusted.
   *
   * @param header name of the metadata header that carries the secret
   * @param secrets of which the current one is sent
   * @throws InvalidSettingException if gRPC cannot carry the header
   */
  public AuthenticationClientInterceptor(String header, Secrets secrets) {
    this(header, secrets, PlaintextGuard.OPEN);
  }

  /**
   * Creates the interceptor for channels without TLS: the secret stays on this machine.
   *
   * @param header name of the metadata header that carries the secret
   * @param secrets of which the current one is sent
   * @param refusal makes what is thrown in place of a call whose secret could be read on the way,
   *     from the authority that it goes to, {@code host:port}
   * @throws InvalidSettingException if gRPC cannot carry the header
   */
  public AuthenticationClientInterceptor(
      String header, Secrets secrets, Function<String, ? extends RuntimeException> refusal) {
    this(header, secrets, new PlaintextGuard(refusal));
  }

  private AuthenticationClientInterceptor(String header, Secrets secrets, PlaintextGuard guard) {
    InvalidSettingException.checkHeader("header", header);
    this.header = Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
    this.secrets = secrets;
    this.guard = guard;
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
    guard.check(next.authority());
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<RespT> listener, Metadata headers) {
        headers.put(header, secrets.toSend());
        super.start(listener, headers);
      }
    };
  }
}
