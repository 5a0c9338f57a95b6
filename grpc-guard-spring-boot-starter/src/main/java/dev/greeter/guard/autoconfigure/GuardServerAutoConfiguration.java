package dev.greeter.guard.autoconfigure;

import dev.greeter.guard.Guard;
import dev.greeter.guard.GuardEvents;
import dev.greeter.guard.netty.GuardedNetty;
import io.grpc.BindableService;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerExecutorProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.lifecycle.GrpcServerStartedEvent;

/**
 * Auto-configuration of a {@link Guard} around all gRPC servers of the application. It requires
 * {@code grpc.guard.secret-file}, {@code grpc.guard.clients-file} or a {@code Guard} bean.
 */
@AutoConfiguration(
    after = GrpcServerAutoConfiguration.class,
    afterName = GuardServerAutoConfiguration.METRICS)
@ConditionalOnClass(GrpcServerAutoConfiguration.class)
@ConditionalOnBean(BindableService.class)
@ConditionalOnBooleanProperty(name = "spring.grpc.server.enabled", matchIfMissing = true)
@EnableConfigurationProperties(GuardProperties.class)
public final class GuardServerAutoConfiguration {

  static final String METRICS =
      "org.springframework.boot.micrometer.metrics.autoconfigure"
          + ".CompositeMeterRegistryAutoConfiguration";

  @Bean
  @ConditionalOnMissingBean
  Guard guard(
      GuardProperties properties,
      ObjectProvider<GuardEvents> events,
      ObjectProvider<GrpcServerExecutorProvider> executor) {
    var guard = properties.builder();
    events.ifAvailable(guard::events);
    executor.ifAvailable(provided -> guard.executor(provided.getExecutor()));
    return guard.build();
  }

  /** Runs before all other interceptors if the guard is not around the server itself. */
  @Bean
  @GlobalServerInterceptor
  @Order(Ordered.HIGHEST_PRECEDENCE)
  GuardedServers guardedServers(Guard guard) {
    return new GuardedServers(guard);
  }

  /** The last customizer: interceptors that others add run after the guard. */
  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  <B extends ServerBuilder<B>> ServerBuilderCustomizer<B> guardCustomizer(GuardedServers servers) {
    return servers::putAround;
  }

  /**
   * Ends streams when the context is closed, before its servers stop. Not when a server stops: the
   * server of a paused context restarts, but a guard does not.
   */
  @Bean
  ApplicationListener<ContextClosedEvent> guardDrain(Guard guard, ApplicationContext context) {
    return closed -> {
      if (closed.getApplicationContext() == context) { // Not a child.
        guard.drain();
      }
    };
  }

  @Bean
  ApplicationListener<GrpcServerStartedEvent> guardPermissions(Guard guard) {
    return started -> guard.checkPermissions(started.getServer().getServices());
  }

  /** The connection limits, if the servers run on grpc-netty. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(NettyServerBuilder.class)
  @ConditionalOnBooleanProperty(name = "grpc.guard.connections.enabled", matchIfMissing = true)
  static class ConnectionsConfiguration {

    @Bean
    @ConditionalOnMissingBean
    GuardedNetty guardedNetty(Guard guard, GuardProperties properties) {
      return properties.limits(guard);
    }

    /** Before the guard, which would otherwise miss it. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE - 1)
    <B extends ServerBuilder<B>> ServerBuilderCustomizer<B> connectionsCustomizer(
        GuardedNetty netty) {
      return netty::configure;
    }
  }

  /** Metrics, if Micrometer is present. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(MeterRegistry.class)
  static class MetricsConfiguration {

    @Bean
    @ConditionalOnMissingBean(GuardEvents.class)
    GuardMetrics guardMetrics(MeterRegistry registry) {
      return new GuardMetrics(registry);
    }

    @Bean
    MeterBinder guardOpenCalls(Guard guard) {
      return Gauge.builder("grpc.guard.calls.open", guard, Guard::openCalls)
              .description("Open calls")
          ::register;
    }
  }
}
