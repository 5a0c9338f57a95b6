package dev.greeter.guard;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls to methods that do not exist with {@code UNIMPLEMENTED}, behind the interceptors.
 * Without it grpc-java answers before any interceptor has run, and a caller without the secret can
 * find out which methods there are.
 */
final class UnknownMethodRegistry extends HandlerRegistry {

  private final ServerInterceptor interceptor;
  private final @Nullable HandlerRegistry fallback;

  /**
   * Creates the registry.
   *
   * @param interceptor what these calls meet beside the interceptors of the server
   * @param fallback what is asked first; null if nothing is
   */
  UnknownMethodRegistry(ServerInterceptor interceptor, @Nullable HandlerRegistry fallback) {
    this.interceptor = interceptor;
    this.fallback = fallback;
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
    ServerMethodDefinition<?, ?> found =
        fallback == null ? null : fallback.lookupMethod(method, authority);
    return found == null ? unknown(method) : intercepted(found);
  }

  private <Q, R> ServerMethodDefinition<Q, R> intercepted(ServerMethodDefinition<Q, R> method) {
    ServerCallHandler<Q, R> handler = method.getServerCallHandler();
    return method.withServerCallHandler(
        (call, headers) -> interceptor.interceptCall(call, headers, handler));
  }

  private ServerMethodDefinition<InputStream, InputStream> unknown(String method) {
    return ServerMethodDefinition.create(
        MethodDescriptor.<InputStream, InputStream>newBuilder()
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .setFullMethodName(method)
            .setRequestMarshaller(Unparsed.MARSHALLER)
            .setResponseMarshaller(Unparsed.MARSHALLER)
            .build(),
        (call, headers) ->
            interceptor.interceptCall(call, headers, UnknownMethodRegistry::closeUnimplemented));
  }

  private static ServerCall.Listener<InputStream> closeUnimplemented(
      ServerCall<InputStream, InputStream> call, Metadata headers) {
    String method = call.getMethodDescriptor().getFullMethodName();
    call.close(Status.UNIMPLEMENTED.withDescription("Method not found: " + method), new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
