package dev.greeter.service.telemetry;

import com.google.common.util.concurrent.Uninterruptibles;
import io.grpc.ServerBuilder;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.instrumentation.runtimetelemetry.RuntimeTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sends metrics and traces to a collector, in the background: a call waits for neither. gRPC's own
 * instruments measure and trace the calls; no metadata and no message is among what they see.
 */
final class OtlpTelemetry implements Telemetry {

  /** A collector that is gone, or never answers, must not hold up the end of the service. */
  private static final Duration CLOSE_TIME = Duration.ofSeconds(1);

  private static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");
  private static final Attributes MISSING = Attributes.of(REASON, "missing");
  private static final Attributes WRONG = Attributes.of(REASON, "wrong");

  private final OpenTelemetrySdk sdk;
  private final RuntimeTelemetry jvm;
  private final GrpcOpenTelemetry grpc;
  private final Meter meter;
  private final LongCounter refused;
  private final LongCounter previous;
  private final CallsInFlight inFlight = new CallsInFlight();

  /**
   * Starts sending.
   *
   * @param settings the SDK's properties, which its environment variables take the place of
   * @throws org.springframework.boot.diagnostics.FailureAnalyzedException if one cannot be used
   */
  OtlpTelemetry(Map<String, String> settings) {
    // grpc-java 1.83 has traces behind this switch; its environment variable comes first.
    System.setProperty("GRPC_EXPERIMENTAL_ENABLE_OTEL_TRACING", "true");
    try {
      sdk =
          AutoConfiguredOpenTelemetrySdk.builder()
              .addPropertiesSupplier(() -> settings)
              .disableShutdownHook()
              .build()
              .getOpenTelemetrySdk();
    } catch (ConfigurationException e) {
      throw OtlpSettings.refusedBySdk(String.valueOf(e.getMessage()));
    }
    jvm = RuntimeTelemetry.create(sdk);
    grpc = GrpcOpenTelemetry.newBuilder().sdk(sdk).build();
    meter = sdk.getMeter("dev.greeter.service");
    refused =
        meter
            .counterBuilder("greeter.auth.refusals")
            .setUnit("{call}")
            .setDescription("Calls that were refused for their secret")
            .build();
    previous =
        meter
            .counterBuilder("greeter.auth.previous_secret")
            .setUnit("{call}")
            .setDescription("Calls with the secret that is to go")
            .build();
    observe("greeter.calls.in_flight", "{call}", "Calls that are open", inFlight::get);
  }

  @Override
  public void watch(ServerBuilder<?> server) {
    grpc.configureServerBuilder(server);
    server.addStreamTracerFactory(inFlight);
  }

  @Override
  public void count(SecretUse use) {
    switch (use) {
      case MISSING -> refused.add(1, MISSING);
      case WRONG -> refused.add(1, WRONG);
      case PREVIOUS -> previous.add(1);
    }
  }

  @Override
  public void observeConnections(LongSupplier open) {
    observe("greeter.connections.open", "{connection}", "Connections that are open", open);
  }

  /**
   * On a thread of its own: the SDK's shutdown itself waits 5 s for metrics that are on the way.
   */
  @Override
  public void close() {
    var closing =
        new Thread(
            () -> sdk.shutdown().join(CLOSE_TIME.toMillis(), TimeUnit.MILLISECONDS), "otlp-close");
    closing.setDaemon(true);
    closing.start();
    Uninterruptibles.joinUninterruptibly(closing, CLOSE_TIME);
    jvm.close();
  }

  private void observe(String name, String unit, String description, LongSupplier value) {
    var unused =
        meter
            .upDownCounterBuilder(name)
            .setUnit(unit)
            .setDescription(description)
            .buildWithCallback(measurement -> measurement.record(value.getAsLong()));
  }
}
