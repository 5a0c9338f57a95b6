package dev.greeter.guard;

import com.google.protobuf.Empty;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls to methods that do not exist with {@code UNIMPLEMENTED}, after the interceptors.
 * Otherwise grpc-java answers before any interceptor runs, and a caller without the secret can
 * discover which methods exist.
 */
final class UnknownMethodRegistry extends HandlerRegistry {

  private final ServerInterceptor interceptor;
  private final @Nullable HandlerRegistry fallback;

  /**
   * @param interceptor runs for these calls after the server's interceptors
   * @param fallback searched first; null if there is none
   */
  UnknownMethodRegistry(ServerInterceptor interceptor, @Nullable HandlerRegistry fallback) {
    this.interceptor = interceptor;
    this.fallback = fallback;
  }

  /** Returns the services of the fallback: the server lists them with its own. */
  @Override
  public List<ServerServiceDefinition> getServices() {
    return fallback == null ? List.of() : fallback.getServices();
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

  private ServerMethodDefinition<Empty, Empty> unknown(String method) {
    // No message is read, so any marshaller will do.
    Marshaller<Empty> messages = ProtoUtils.marshaller(Empty.getDefaultInstance());
    return ServerMethodDefinition.create(
        MethodDescriptor.newBuilder(messages, messages)
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .setFullMethodName(method)
            .build(),
        (call, headers) -> interceptor.interceptCall(call, headers, this::closeUnimplemented));
  }

  private <Q> ServerCall.Listener<Q> closeUnimplemented(ServerCall<Q, ?> call, Metadata headers) {
    String method = call.getMethodDescriptor().getFullMethodName();
    call.close(Status.UNIMPLEMENTED.withDescription("Method not found: " + method), new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
