package dev.greeter.service.guard;

import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_FIRST;
import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_SECURITY_AUTHENTICATION;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.service.telemetry.Telemetry;
import io.grpc.ServerInterceptor;
import net.devh.boot.grpc.server.interceptor.GlobalServerInterceptorRegistry;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * What a call meets on its way to a handler, from the outside to the inside: the access log and the
 * rate limit of its address, the auth check, tracing, the client's name on the answer, the limits
 * of calls and the mapping of failures, and the interceptors of its service alone.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  AuthenticationProperties.class,
  CallLimitProperties.class,
  GuardProperties.class
})
class GuardConfiguration {

  /** Closed when the application ends: a file of secrets is watched until then. */
  @Bean
  Secrets secrets(AuthenticationProperties settings, Environment environment) {
    return settings.secrets(environment);
  }

  @Bean
  Guard guard(
      AuthenticationProperties auth,
      CallLimitProperties limits,
      GuardProperties settings,
      Secrets secrets,
      Telemetry telemetry) {
    var rates = settings.rateLimit();
    var log = settings.accessLog();
    var open = limits.open();
    Guard guard =
        Guard.builder(secrets)
            .header(auth.header())
            .openServices(auth.openServices().toArray(String[]::new))
            .callsPerSecond(rates.callsPerSecond())
            .callsPerSecondOfClient(rates.clientCallsPerSecond())
            .burst(rates.burst())
            .failedAuthenticationsPerMinute(rates.failedAuthenticationsPerMinute())
            .maxAddresses(rates.maxAddresses())
            .maxCalls(limits.maxCalls(), limits.maxCallsPerAddress())
            .callIdle(limits.callIdle())
            .maxOpenServiceCalls(open.maxCalls(), open.maxCallsPerAddress())
            .openServiceCallTimes(open.callIdle(), open.maxCallDuration())
            .openServiceRequestBytes((int) open.maxRequestSize().toBytes())
            .accessLog(log.sample(), log.refusalsPerSecond(), log.failuresPerSecond())
            .events(telemetry)
            .build();
    telemetry.observe("greeter.calls.in_flight", "{call}", "Calls that are open", guard::openCalls);
    return guard;
  }

  /** The access log, which sees what the others refuse, and the limit that slows guessing. */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_FIRST)
  ServerInterceptor beforeCheck(Guard guard) {
    return guard.beforeCheck();
  }

  /**
   * The auth check: refuses a call without the secret, unless its service is open, before a message
   * of it is read.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION)
  ServerInterceptor authenticationInterceptor(Guard guard) {
    return guard.check();
  }

  /**
   * Behind the check, and not around services that are open: spans wait for the collector in
   * memory, and a caller without the secret must not fill it. Null if there is no collector; a
   * condition would be decided when the image is built.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 1)
  @Nullable ServerInterceptor tracingInterceptor(Telemetry telemetry, Guard guard) {
    ServerInterceptor tracing = telemetry.tracing();
    return tracing == null ? null : guard.exceptOpenServices(tracing);
  }

  /** Behind the check: only callers with the secret learn as whom they are known. */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 2)
  ServerInterceptor clientNameInterceptor() {
    return new ClientNameInterceptor();
  }

  /**
   * The limits of clients and calls, and the mapping of failures. That stands in for net.devh's
   * {@code @GrpcAdvice}, which as of 3.1.0 goes on delivering events to a call that it has closed.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 3)
  ServerInterceptor afterCheck(Guard guard) {
    return guard.afterCheck();
  }

  /** What no interceptor can do: see calls to methods that do not exist, and requests come in. */
  @Bean
  GrpcServerConfigurer guardedServer(Guard guard, GlobalServerInterceptorRegistry interceptors) {
    return server -> guard.configure(server, interceptors.getServerInterceptors());
  }
}
