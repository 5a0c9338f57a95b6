package dev.greeter.guard;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which services are open, and what the calls of each kind may take.
 *
 * @param openServices full names of the services that answer without the secret
 * @param open for these: how large a request may be; the rest until the caller has shown the secret
 * @param guarded for all others
 */
record ServicePolicies(Set<String> openServices, CallPolicy open, CallPolicy guarded) {

  /**
   * Returns an interceptor that calls to some services pass by.
   *
   * @param services their full names
   * @param interceptor what the other calls meet
   */
  static ServerInterceptor skipping(Set<String> services, ServerInterceptor interceptor) {
    Set<String> passingBy = Set.copyOf(services);
    return new ServerInterceptor() {
      @Override
      public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
          ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        String service = call.getMethodDescriptor().getServiceName();
        return service != null && passingBy.contains(service)
            ? next.startCall(call, headers)
            : interceptor.interceptCall(call, headers, next);
      }
    };
  }

  /**
   * Returns whether a service answers without the secret.
   *
   * @param service full name of the service; null if the call names none
   */
  boolean isOpen(@Nullable String service) {
    return service != null && openServices.contains(service);
  }

  /**
   * Returns whether the service of a method answers without the secret.
   *
   * @param fullName of the method, as in {@code service/method}
   */
  boolean isOpenMethod(String fullName) {
    // Not by a look-up, for which the name of the service would have to be cut out for each call.
    for (String service : openServices) {
      if (fullName.startsWith(service) && fullName.startsWith("/", service.length())) {
        return true;
      }
    }
    return false;
  }
}
