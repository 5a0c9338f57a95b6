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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls to methods that do not exist with {@code UNIMPLEMENTED}, behind the interceptors.
 * Without it grpc-java answers before any interceptor has run, and whoever has no secret can find
 * out what there is.
 */
final class UnknownMethodRegistry extends HandlerRegistry {

  private final ServerCallHandler<InputStream, InputStream> handler;

  UnknownMethodRegistry(List<ServerInterceptor> interceptors) {
    ServerCallHandler<InputStream, InputStream> chain = UnknownMethodRegistry::closeUnimplemented;
    for (int i = interceptors.size() - 1; i >= 0; i--) {
      ServerInterceptor interceptor = interceptors.get(i);
      ServerCallHandler<InputStream, InputStream> next = chain;
      chain = (call, headers) -> interceptor.interceptCall(call, headers, next);
    }
    this.handler = chain;
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
    return ServerMethodDefinition.create(
        MethodDescriptor.<InputStream, InputStream>newBuilder()
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .setFullMethodName(method)
            .setRequestMarshaller(Unparsed.MARSHALLER)
            .setResponseMarshaller(Unparsed.MARSHALLER)
            .build(),
        handler);
  }

  private static ServerCall.Listener<InputStream> closeUnimplemented(
      ServerCall<InputStream, InputStream> call, Metadata headers) {
    String method = call.getMethodDescriptor().getFullMethodName();
    call.close(Status.UNIMPLEMENTED.withDescription("Method not found: " + method), new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
