package dev.greeter.service;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import dev.greeter.guard.fixture.TestCall;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.slf4j.LoggerFactory;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The complete application on a free port of the loopback interface, with its own environment
 * variables. As of net.devh 3.1.0, an in-process server rejects connection limits.
 */
public final class RunningService implements AutoCloseable {

  private static final String VARIABLES =
      StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

  private final ConfigurableApplicationContext application;
  private final AtomicInteger port = new AtomicInteger();
  private final ManagedChannel channel;

  /**
   * Starts the application.
   *
   * @param variables additional environment variables
   * @param more additional configuration
   */
  public RunningService(Map<String, String> variables, Class<?>... more) {
    var all = new HashMap<String, Object>();
    all.put("GRPC_SERVER_ADDRESS", "127.0.0.1");
    all.put("GRPC_SERVER_PORT", "0");
    all.putAll(variables);
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(VARIABLES, new SystemEnvironmentPropertySource(VARIABLES, all));
    // OpenTelemetry's SDK reads the process's variables, or properties instead.
    var telemetry = new Properties();
    all.forEach(
        (name, value) -> {
          if (name.startsWith("OTEL_")) {
            telemetry.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    System.getProperties().putAll(telemetry);
    try {
      application = start(environment, more);
    } catch (RuntimeException e) {
      flushConsole();
      throw e;
    } finally {
      telemetry.keySet().forEach(System.getProperties()::remove);
    }
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port.get()).usePlaintext().build();
  }

  private ConfigurableApplicationContext start(StandardEnvironment environment, Class<?>... more) {
    return new SpringApplicationBuilder(GreeterServiceApplication.class)
        .sources(more)
        .environment(environment)
        .listeners((GrpcServerStartedEvent started) -> port.set(started.getPort()))
        .run();
  }

  /** Calls a method and returns its status. */
  public <Q> Status call(MethodDescriptor<Q, ?> method, Q request, String header, String value) {
    return call(method, request, headers(header, value));
  }

  /** Calls a method and returns its status. */
  public <Q> Status call(MethodDescriptor<Q, ?> method, Q request, Metadata headers) {
    return TestCall.send(channel, method, headers, request).status();
  }

  /** Starts a call that its client ends. */
  public <Q, R> TestCall<Q, R> open(MethodDescriptor<Q, R> method, String header, String value) {
    return TestCall.open(channel, method, CallOptions.DEFAULT, headers(header, value));
  }

  /** Returns metadata with one header. */
  static Metadata headers(String header, String value) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
    return headers;
  }

  /** Returns the channel for its calls. */
  Channel channel() {
    return channel;
  }

  /** Returns the port that it listens on. */
  public int port() {
    return port.get();
  }

  /** Stops the application; its client's connection stays until the server ends it. */
  void stop() {
    application.close();
  }

  /** Stops the application and flushes its log to the console. */
  @Override
  public void close() {
    channel.shutdownNow();
    stop();
    flushConsole();
  }

  private static void flushConsole() {
    var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    root.iteratorForAppenders()
        .forEachRemaining(
            appender -> {
              if (appender instanceof AsyncAppender async) {
                async.stop();
              }
            });
  }
}
