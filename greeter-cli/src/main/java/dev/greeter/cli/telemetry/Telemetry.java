package dev.greeter.cli.telemetry;

import dev.greeter.settings.CollectorSettings;
import io.grpc.ManagedChannelBuilder;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Sends metrics and traces to a collector in the background: calls wait for neither. gRPC's own
 * instrumentation measures and traces the calls; it reads no metadata and no messages. The
 * constructor checks for a collector at startup: Spring's AOT processing would evaluate a condition
 * at build time.
 */
@Component
final class Telemetry implements GrpcChannelConfigurer, AutoCloseable {

  /** How long a command waits on exit for a collector that does not answer. */
  private static final int CLOSE_SECONDS = 1;

  private final @Nullable Exporter exporter;

  Telemetry(Environment environment) {
    Map<String, String> properties = CollectorSettings.exporters("greeter-cli", environment);
    exporter = properties.isEmpty() ? null : new Exporter(properties);
  }

  @Override
  public void accept(ManagedChannelBuilder<?> channel, String name) {
    if (exporter != null) {
      GrpcOpenTelemetry.newBuilder().sdk(exporter.sdk).build().configureChannelBuilder(channel);
    }
  }

  /** Limits the SDK's shutdown, which would wait 5 s for metrics in flight. */
  @Override
  public void close() {
    if (exporter != null) {
      CompletableFuture.runAsync(exporter.sdk::close)
          .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
          .join();
    }
  }

  /** A separate class, so that the SDK is loaded only if it is used. */
  private static final class Exporter {

    final OpenTelemetrySdk sdk;

    Exporter(Map<String, String> properties) {
      // grpc-java 1.83 requires this switch for traces; its environment variable takes precedence.
      System.setProperty("GRPC_EXPERIMENTAL_ENABLE_OTEL_TRACING", "true");
      var builder = AutoConfiguredOpenTelemetrySdk.builder().disableShutdownHook();
      try {
        sdk = builder.addPropertiesSupplier(() -> properties).build().getOpenTelemetrySdk();
      } catch (ConfigurationException e) {
        throw CollectorSettings.refusedBySdk(String.valueOf(e.getMessage()));
      }
    }
  }
}
