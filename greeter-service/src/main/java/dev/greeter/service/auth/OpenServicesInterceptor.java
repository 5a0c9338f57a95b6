package dev.greeter.service.auth;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Set;

/**
 * Applies an interceptor to the calls of every service but the open ones. It is wrapped around the
 * check because net.devh 3.1.0 has no global interceptor that leaves a service out.
 */
public final class OpenServicesInterceptor implements ServerInterceptor {

  private final Set<String> openServices;
  private final ServerInterceptor guard;

  /**
   * Wraps an interceptor.
   *
   * @param openServices full names of the services whose calls go past the guard
   * @param guard the interceptor that all other calls meet
   */
  public OpenServicesInterceptor(Set<String> openServices, ServerInterceptor guard) {
    this.openServices = Set.copyOf(openServices);
    this.guard = guard;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    String service = call.getMethodDescriptor().getServiceName();
    return service != null && openServices.contains(service)
        ? next.startCall(call, headers)
        : guard.interceptCall(call, headers, next);
  }
}
