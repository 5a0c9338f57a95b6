package dev.greeter.guard.autoconfigure;

import dev.greeter.guard.Guard;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import java.util.List;

/**
 * Puts one guard around all servers of the application, which Spring rebuilds when the context
 * restarts. As a service interceptor, it also guards servers whose builder was not customized:
 * Spring Boot 4.1 customizes no builder of the test slice.
 */
final class GuardedServers extends ServerTransportFilter implements ServerInterceptor {

  /** Marks the connections of servers that the guard is around. */
  @Grpc.TransportAttr
  private static final Attributes.Key<Boolean> GUARDED =
      Attributes.Key.create("dev.greeter.guard.autoconfigure.guarded");

  private final Guard guard;

  GuardedServers(Guard guard) {
    this.guard = guard;
  }

  void putAround(ServerBuilder<?> server) {
    // The interceptor that was added last runs first.
    server.intercept(guard.afterCheck()).intercept(guard.check()).intercept(guard.beforeCheck());
    guard.configure(server, List.of());
    server.addTransportFilter(this);
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(GUARDED, true).build();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (call.getAttributes().get(GUARDED) != null) {
      return next.startCall(call, headers);
    }
    ServerCallHandler<Q, R> checked = (c, h) -> guard.afterCheck().interceptCall(c, h, next);
    ServerCallHandler<Q, R> counted = (c, h) -> guard.check().interceptCall(c, h, checked);
    return guard.beforeCheck().interceptCall(call, headers, counted);
  }
}
