package dev.greeter.service.guard;

import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_FIRST;
import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_LAST;
import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_SECURITY_AUTHENTICATION;

import dev.greeter.guard.Guard;
import dev.greeter.guard.AuthenticationServerInterceptor;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.CallLimitInterceptor;
import dev.greeter.guard.ServicePolicies;
import dev.greeter.service.telemetry.Telemetry;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.interceptor.GlobalServerInterceptorRegistry;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import net.devh.boot.grpc.server.service.GrpcService;
import net.devh.boot.grpc.server.service.GrpcServiceDefinition;
import net.devh.boot.grpc.server.service.GrpcServiceDiscoverer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * What a call meets on its way to a handler, from the outside to the inside: the access log, the
 * rate limit of its address, the auth check, tracing, the rate limit of its client, the limits of
 * calls, the client's name on the answer, the mapping of failures, and those of its service alone.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  AuthenticationProperties.class,
  CallLimitProperties.class,
  GuardProperties.class
})
class GuardConfiguration {

  private static final Set<String> HEALTH = Set.of(HealthGrpc.SERVICE_NAME);

  /**
   * First, so that it sees what the others refuse. It leaves out health, whose probes would be most
   * of the lines of a service at rest. A log that is off is not in the chain; a condition would be
   * decided when the image is built.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_FIRST)
  @Nullable ServerInterceptor accessLogInterceptor(GuardProperties settings) {
    return settings.accessLog().isOff()
        ? null
        : ServicePolicies.skipping(HEALTH, settings.accessLog().interceptor());
  }

  /**
   * In front of the check, so that it slows guessing too. It leaves out health, and no other
   * service that is open: probes come at their own pace, and one that is refused would have a busy
   * service restarted.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION - 1)
  ServerInterceptor rateLimitInterceptor(GuardProperties settings) {
    return ServicePolicies.skipping(HEALTH, settings.rateLimit().interceptor());
  }

  /**
   * The auth check: refuses a call without the secret, unless its service is open, before a message
   * of it is read.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION)
  AuthenticationServerInterceptor authenticationInterceptor(
      AuthenticationProperties settings,
      Secrets secrets,
      ServicePolicies policies,
      Telemetry telemetry) {
    return new AuthenticationServerInterceptor(settings.header(), secrets, policies, telemetry);
  }

  /**
   * Behind the check, and not around services that are open: spans wait for the collector in
   * memory, and a caller without the secret must not fill it. Null if there is no collector.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 1)
  @Nullable ServerInterceptor tracingInterceptor(Telemetry telemetry, ServicePolicies policies) {
    ServerInterceptor tracing = telemetry.tracing();
    return tracing == null ? null : policies.beforeGuarded(tracing);
  }

  /** Behind the check, which knows whose call it is; null without such a limit, as the log. */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 2)
  @Nullable ServerInterceptor clientRateLimitInterceptor(
      GuardProperties settings, Telemetry telemetry) {
    return settings.rateLimit().clientInterceptor(telemetry::clientOverLimit).orElse(null);
  }

  /** Behind the check: a call that it refuses has ended already, and takes nobody's place. */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 3)
  CallLimitInterceptor callLimitInterceptor(
      ServicePolicies policies, ScheduledExecutorService timer, Telemetry telemetry) {
    var calls = new CallLimitInterceptor(policies, timer);
    telemetry.observe("greeter.calls.in_flight", "{call}", "Calls that are open", calls::open);
    return calls;
  }

  /** Behind the check: only who has got in is told as whom. */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 4)
  ServerInterceptor clientNameInterceptor() {
    return new ClientNameInterceptor();
  }

  /**
   * Last, next to the handlers, so that the others see how a call ends. It stands in for net.devh's
   * {@code @GrpcAdvice}, which as of 3.1.0 goes on delivering events to a call that it has closed.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_LAST)
  ServerInterceptor failureInterceptor() {
    return Guard.failures();
  }

  /** Closed when the application ends: a file of secrets is followed until then. */
  @Bean
  Secrets secrets(AuthenticationProperties settings, Environment environment) {
    return settings.secrets(environment);
  }

  /** Which services are open, and what the calls of each kind may take. */
  @Bean
  ServicePolicies servicePolicies(
      AuthenticationProperties auth, CallLimitProperties limits, GrpcServerProperties server) {
    return new ServicePolicies(
        auth.openServices(),
        limits.open().policy(),
        limits.policy(server.getMaxInboundMessageSize()));
  }

  /** What no interceptor can do: see calls to methods that do not exist, and requests come in. */
  @Bean
  GrpcServerConfigurer guardedServer(
      GlobalServerInterceptorRegistry interceptors, CallLimitInterceptor calls) {
    return server ->
        server
            .addStreamTracerFactory(calls.requestSizes())
            .fallbackHandlerRegistry(Guard.unknownMethods(interceptors.getServerInterceptors()));
  }

  /**
   * Finds the services as the starter does, and has them parse their requests within all of these:
   * the starter puts interceptors around a service before anybody else sees it.
   */
  @Bean
  GrpcServiceDiscoverer guardedServices(
      ApplicationContext context, GlobalServerInterceptorRegistry interceptors) {
    return () ->
        Stream.of(context.getBeanNamesForAnnotation(GrpcService.class))
            .map(
                name -> {
                  var service = context.getBean(name, BindableService.class);
                  ServerServiceDefinition guarded =
                      ServerInterceptors.interceptForward(
                          Guard.parsingWithin(service.bindService()),
                          interceptorsOf(name, context, interceptors));
                  return new GrpcServiceDefinition(name, service.getClass(), guarded);
                })
            .toList();
  }

  /** Those of all services, then those that a {@code @GrpcService} names, as in the starter. */
  private static List<ServerInterceptor> interceptorsOf(
      String service, ApplicationContext context, GlobalServerInterceptorRegistry global) {
    var own = Objects.requireNonNull(context.findAnnotationOnBean(service, GrpcService.class));
    List<ServerInterceptor> all = new ArrayList<>(global.getServerInterceptors());
    for (Class<? extends ServerInterceptor> type : own.interceptors()) {
      all.add(
          context
              .<ServerInterceptor>getBeanProvider(ResolvableType.forClass(type))
              .getIfAvailable(() -> BeanUtils.instantiateClass(type)));
    }
    for (String name : own.interceptorNames()) {
      all.add(context.getBean(name, ServerInterceptor.class));
    }
    if (own.sortInterceptors()) {
      global.sortInterceptors(all);
    }
    return all;
  }
}
