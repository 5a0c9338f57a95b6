package dev.greeter.cli.auth;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.function.Supplier;

/** Adds the shared secret to the metadata of every call, whatever its kind. */
public final class AuthenticationInterceptor implements ClientInterceptor {

  private final Metadata.Key<String> header;
  private final Supplier<String> secret;
  private final PlaintextGuard guard;

  /**
   * Creates the interceptor.
   *
   * @param header name of the metadata header that carries the secret
   * @param secret tells the value that the service accepts, in printable ASCII
   * @param guard decides where it may go
   * @throws IllegalArgumentException if the header's name is not legal
   */
  public AuthenticationInterceptor(String header, Supplier<String> secret, PlaintextGuard guard) {
    this.header = Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
    this.secret = secret;
    this.guard = guard;
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
    guard.check(next.authority());
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<RespT> listener, Metadata headers) {
        headers.put(header, secret.get());
        super.start(listener, headers);
      }
    };
  }
}
