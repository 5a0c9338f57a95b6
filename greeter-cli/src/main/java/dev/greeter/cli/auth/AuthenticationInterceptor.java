package dev.greeter.cli.auth;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;

/** Adds the shared secret to the metadata of every call, whatever its kind. */
public final class AuthenticationInterceptor implements ClientInterceptor {

  private final Metadata.Key<String> header;
  private final String secret;

  /**
   * Creates the interceptor.
   *
   * @param header name of the metadata header that carries the secret
   * @param secret the value that the service accepts, in printable ASCII
   * @throws IllegalArgumentException if the header's name is not legal
   */
  public AuthenticationInterceptor(String header, String secret) {
    this.header = Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
    this.secret = secret;
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<RespT> listener, Metadata headers) {
        headers.put(header, secret);
        super.start(listener, headers);
      }
    };
  }
}
