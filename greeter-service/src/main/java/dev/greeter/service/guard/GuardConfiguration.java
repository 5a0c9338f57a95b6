package dev.greeter.service.guard;

import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_FIRST;
import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_SECURITY_AUTHENTICATION;

import com.google.common.collect.ObjectArrays;
import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.service.GreeterProperties;
import dev.greeter.service.telemetry.Telemetry;
import io.grpc.ServerInterceptor;
import net.devh.boot.grpc.server.interceptor.GlobalServerInterceptorRegistry;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** What a call meets on its way to a handler, from the outside to the inside. */
@Configuration(proxyBeanMethods = false)
class GuardConfiguration {

  /** Closed when the application ends: a file of secrets is watched until then. */
  @Bean
  Secrets secrets(GreeterProperties settings, Environment environment) {
    return SecretSettings.read(settings.auth(), environment);
  }

  @Bean
  Guard guard(GreeterProperties settings, Secrets secrets, Telemetry telemetry) {
    var auth = settings.auth();
    var limits = settings.server().limits();
    var open = limits.open();
    var rates = settings.rateLimit();
    var log = settings.accessLog();
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
            .accessLog(log.sample(), log.refusalsPerSecond(), log.failuresPerSecond())
            .behindCheck(ObjectArrays.concat(telemetry.tracing(), new ClientNameInterceptor()))
            .events(telemetry)
            .build();
    telemetry.observe("greeter.calls.in_flight", "{call}", "Calls that are open", guard::openCalls);
    return guard;
  }

  /** The access log, which sees what the others refuse, and the rate limit of an address. */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_FIRST)
  ServerInterceptor beforeCheck(Guard guard) {
    return guard.beforeCheck();
  }

  /**
   * The auth check: refuses a call without the secret, unless its service is open, before a message
   * of it is read. The header and the secret come from {@code greeter.auth} in {@code
   * application.yml}.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION)
  ServerInterceptor authenticationInterceptor(Guard guard) {
    return guard.check();
  }

  /**
   * Tracing and the client's name in the answer; the limits of clients and calls; and the mapping
   * of failures, which stands in for net.devh's {@code @GrpcAdvice}, which as of 3.1.0 goes on
   * delivering events to a call that it has closed.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 1)
  ServerInterceptor afterCheck(Guard guard) {
    return guard.afterCheck();
  }

  /** What no interceptor can do: see calls to methods that do not exist, and requests come in. */
  @Bean
  GrpcServerConfigurer guardedServer(Guard guard, GlobalServerInterceptorRegistry interceptors) {
    return server -> guard.configure(server, interceptors.getServerInterceptors());
  }
}
