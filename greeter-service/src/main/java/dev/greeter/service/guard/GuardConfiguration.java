package dev.greeter.service.guard;

import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_FIRST;
import static net.devh.boot.grpc.common.util.InterceptorOrder.ORDER_SECURITY_AUTHENTICATION;

import com.google.common.collect.ObjectArrays;
import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.netty.GuardedNetty;
import dev.greeter.service.GreeterProperties;
import dev.greeter.service.telemetry.Telemetry;
import io.grpc.ServerInterceptor;
import java.util.concurrent.Executors;
import net.devh.boot.grpc.server.interceptor.GlobalServerInterceptorRegistry;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/** Configures the guard, in the order in which a call passes it. */
@Configuration(proxyBeanMethods = false)
class GuardConfiguration {

  /** The container allows 128 threads in total. */
  private static final int POOL_THREADS = 50;

  /** Occupy less than 1 MB: see the memory table of SECURITY.md. */
  private static final int SMALL_PIECES = 6_400;

  /** Closed with the application, since it watches the secrets' file. */
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
    Guard.Builder guard =
        Guard.builder(secrets)
            .header(auth.header())
            .openServices(auth.openServices().toArray(String[]::new))
            .callsPerSecond(rates.callsPerSecond())
            .callsPerSecondOfClient(rates.clientCallsPerSecond())
            .burst(rates.burst())
            .failedAuthenticationsPerMinute(rates.failedAuthenticationsPerMinute())
            .maxAddresses(rates.maxAddresses())
            .trustedProxies(settings.server().trustedProxies().toArray(String[]::new))
            .maxCalls(limits.maxCalls(), limits.maxCallsPerAddress())
            .callIdle(limits.callIdle())
            .maxOpenServiceCalls(open.maxCalls(), open.maxCallsPerAddress())
            .openServiceCallTimes(open.callIdle(), open.maxCallDuration())
            .accessLog(log.sample(), log.refusalsPerSecond(), log.failuresPerSecond())
            .behindCheck(ObjectArrays.concat(telemetry.tracing(), new ClientNameInterceptor()))
            .events(telemetry);
    switch (settings.server().executor()) {
      case DIRECT -> {}
      case VIRTUAL -> guard.executor(new VirtualThreadTaskExecutor("grpc-call-"));
      case POOL -> {
        var threads = new CustomizableThreadFactory("grpc-call-");
        threads.setDaemon(true);
        guard.executor(Executors.newFixedThreadPool(POOL_THREADS, threads));
      }
    }
    Guard built = guard.build();
    telemetry.observe("greeter.calls.in_flight", "{call}", "Open calls", built::openCalls);
    return built;
  }

  /** Returns the access log, which also covers rejected calls, and the address rate limit. */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_FIRST)
  ServerInterceptor beforeCheck(Guard guard) {
    return guard.beforeCheck();
  }

  /**
   * Returns the authentication: it rejects a call without the secret before any message is read,
   * unless its service is open. {@code greeter.auth} in {@code application.yml} sets the header and
   * the secret.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION)
  ServerInterceptor authenticationInterceptor(Guard guard) {
    return guard.check();
  }

  /**
   * Returns tracing, the client's name in the response, the limits of clients and calls, and the
   * mapping of exceptions. The latter replaces net.devh's {@code @GrpcAdvice}, which as of 3.1.0
   * continues to deliver events to a call after closing it.
   */
  @GrpcGlobalServerInterceptor
  @Order(ORDER_SECURITY_AUTHENTICATION + 1)
  ServerInterceptor afterCheck(Guard guard) {
    return guard.afterCheck();
  }

  /** Returns the limits of connections, which also apply before and between calls. */
  @Bean
  GuardedNetty guardedNetty(GreeterProperties settings, Guard guard, Telemetry telemetry) {
    var limits = settings.server().limits();
    GuardedNetty netty =
        GuardedNetty.builder(guard)
            .maxConnections(limits.maxConnections())
            .maxConnectionsPerAddress(limits.maxConnectionsPerAddress())
            .maxUnauthenticatedConnections(limits.maxUnauthenticatedConnections())
            .maxUnauthenticatedConnectionsPerAddress(
                limits.maxUnauthenticatedConnectionsPerAddress())
            .unauthenticatedConnectionIdle(limits.unauthenticatedConnectionIdle())
            .maxCallsPerConnection(limits.maxCallsPerConnection())
            .flowControlWindow((int) limits.flowControlWindow().toBytes())
            .maxSmallPieces(SMALL_PIECES)
            .maxResets(limits.maxResets(), limits.resetWindow())
            .handshakeTimeout(limits.handshakeTimeout())
            .proxyProtocol(settings.server().proxyProtocol())
            .build();
    telemetry.observe(
        "greeter.connections.open", "{connection}", "Open connections", netty::openConnections);
    return netty;
  }

  /** Covers what interceptors cannot: connections, requests, and calls to unknown methods. */
  @Bean
  GrpcServerConfigurer guardedServer(
      Guard guard, GuardedNetty netty, GlobalServerInterceptorRegistry interceptors) {
    return server -> {
      server.directExecutor();
      netty.configure(server);
      guard.configure(server, interceptors.getServerInterceptors());
    };
  }
}
