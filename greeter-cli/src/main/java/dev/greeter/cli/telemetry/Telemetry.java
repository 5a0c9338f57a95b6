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
 * Sends metrics and traces to a collector, in the background: a call waits for neither. gRPC's own
 * instruments measure and trace the calls; they see no metadata and no message. Whether there is a
 * collector is decided at the start and by no condition, which Spring's AOT processing would decide
 * in the build.
 */
@Component
final class Telemetry implements GrpcChannelConfigurer, AutoCloseable {

  /** How long a command waits at its end for a collector that does not answer. */
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

  /** The SDK's shutdown by itself waits 5 s for metrics in flight. */
  @Override
  public void close() {
    if (exporter != null) {
      CompletableFuture.runAsync(exporter.sdk::close)
          .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
          .join();
    }
  }

  /** A class of its own, so that the SDK is loaded only if it is used. */
  private static final class Exporter {

    final OpenTelemetrySdk sdk;

    Exporter(Map<String, String> properties) {
      // grpc-java 1.83 has traces behind this switch; its environment variable comes first.
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
