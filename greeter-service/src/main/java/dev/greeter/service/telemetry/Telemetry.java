package dev.greeter.service.telemetry;

import com.google.common.base.Ascii;
import dev.greeter.guard.Client;
import dev.greeter.guard.GuardEvents;
import dev.greeter.settings.CollectorSettings;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.instrumentation.runtimetelemetry.RuntimeTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Sends metrics and traces to a collector in the background: calls wait for neither. gRPC's own
 * instrumentation measures all calls, by the service's own method names; only authenticated calls
 * are traced. Metadata and messages are never sent. Without an endpoint, nothing is sent, and calls
 * have no overhead. The constructor checks for one at startup: Spring's AOT processing would
 * evaluate a condition at build time.
 */
@Component
public final class Telemetry implements GuardEvents, GrpcServerConfigurer, AutoCloseable {

  /** A collector that is gone or never answers must not delay the service's shutdown. */
  private static final int CLOSE_SECONDS = 1;

  private static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");

  /** From OpenTelemetry's semantic conventions, as in the access log. */
  static final AttributeKey<String> CLIENT = AttributeKey.stringKey("enduser.id");

  private static final AttributeKey<String> INSTANCE =
      AttributeKey.stringKey("service.instance.id");

  private final @Nullable Exporter exporter;
  private final Meter meter;
  private final LongCounter refused;
  private final LongCounter previous;
  private final LongCounter accepted;
  private final LongCounter connections;

  @Autowired
  Telemetry(Environment environment) {
    this(CollectorSettings.exporters("greeter-service", environment));
  }

  Telemetry(Map<String, String> properties) {
    exporter = properties.isEmpty() ? null : new Exporter(properties);
    OpenTelemetry telemetry = exporter == null ? OpenTelemetry.noop() : exporter.sdk;
    meter = telemetry.getMeter("dev.greeter.service");
    refused = counter("greeter.calls.refused", "{call}", "Calls that the guard refused or ended");
    previous = counter("greeter.auth.previous_secret", "{call}", "Calls with the previous secret");
    accepted = counter("greeter.client.calls", "{call}", "Calls with a named secret");
    connections =
        counter(
            "greeter.connections.refused",
            "{connection}",
            "Connections refused, or closed in favor of others before authentication");
  }

  /** Adds measurements of every call to the server. */
  @Override
  public void accept(ServerBuilder<?> server) {
    if (exporter != null) {
      GrpcOpenTelemetry.newBuilder().sdk(exporter.sdk).build().configureServerBuilder(server);
    }
  }

  /**
   * Returns the tracing interceptor; empty if disabled. It must run after authentication: spans
   * wait in memory, which callers without the secret must not fill.
   */
  public ServerInterceptor[] tracing() {
    return exporter == null
        ? new ServerInterceptor[0]
        : new ServerInterceptor[] {new TracingInterceptor(exporter.sdk)};
  }

  /**
   * Registers a gauge.
   *
   * @param name the metric's name
   * @param unit the unit, such as {@code {call}}
   * @param description the metric's description
   * @param value supplies the value; called on another thread for each export
   */
  public void observe(String name, String unit, String description, LongSupplier value) {
    var unused =
        meter
            .gaugeBuilder(name)
            .ofLongs()
            .setUnit(unit)
            .setDescription(description)
            .buildWithCallback(measurement -> measurement.record(value.getAsLong()));
  }

  @Override
  public void refused(Refusal reason, ServerCall<?, ?> call, @Nullable Client client) {
    if (exporter != null) {
      String name = client == null ? null : client.name();
      refused.add(1, Attributes.of(REASON, Ascii.toLowerCase(reason.name()), CLIENT, name));
    }
  }

  @Override
  public void connectionRefused() {
    connections.add(1);
  }

  @Override
  public void accepted(Client client) {
    if (exporter != null) { // Creating the attributes would slow every call.
      accepted.add(1, Attributes.of(CLIENT, client.name()));
    }
  }

  @Override
  public void previousSecretUsed() {
    previous.add(1);
  }

  /** Sends pending data, on another thread since the SDK may take 10 s. */
  @Override
  public void close() {
    if (exporter != null) {
      CompletableFuture.runAsync(exporter.sdk::close)
          .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
          .join();
      exporter.jvm.close();
    }
  }

  private LongCounter counter(String name, String unit, String description) {
    return meter.counterBuilder(name).setUnit(unit).setDescription(description).build();
  }

  /** A separate class, so that the SDK is loaded only if it is used. */
  private static final class Exporter {

    final OpenTelemetrySdk sdk;
    final RuntimeTelemetry jvm;

    Exporter(Map<String, String> properties) {
      try {
        sdk =
            AutoConfiguredOpenTelemetrySdk.builder()
                .addPropertiesSupplier(() -> properties)
                // Otherwise replicas would share one series; the settings take precedence.
                .addResourceCustomizer((set, unused) -> instance().merge(set))
                .disableShutdownHook()
                .build()
                .getOpenTelemetrySdk();
      } catch (ConfigurationException e) {
        throw CollectorSettings.refusedBySdk(String.valueOf(e.getMessage()));
      }
      jvm = RuntimeTelemetry.create(sdk);
    }

    private static Resource instance() {
      return Resource.create(Attributes.of(INSTANCE, UUID.randomUUID().toString()));
    }
  }
}
