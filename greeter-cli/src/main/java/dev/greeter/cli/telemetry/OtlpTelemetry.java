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

/**
 * Sends metrics and traces to a collector, in the background: a call waits for neither. gRPC's own
 * instruments measure and trace the calls, and tell the service which trace each one belongs to; no
 * metadata and no message is among what they see.
 */
final class OtlpTelemetry implements Telemetry {

  /** A command must not wait for a collector that is gone, or never answers. */
  private static final int CLOSE_SECONDS = 1;

  private final OpenTelemetrySdk sdk;
  private final GrpcOpenTelemetry grpc;

  /**
   * Starts sending.
   *
   * @param settings the SDK's properties, which its environment variables take the place of
   * @throws dev.greeter.guard.InvalidSettingException if one cannot be used
   */
  OtlpTelemetry(Map<String, String> settings) {
    // grpc-java 1.83 has traces behind this switch; its environment variable comes first.
    System.setProperty("GRPC_EXPERIMENTAL_ENABLE_OTEL_TRACING", "true");
    var builder = AutoConfiguredOpenTelemetrySdk.builder().disableShutdownHook();
    try {
      sdk = builder.addPropertiesSupplier(() -> settings).build().getOpenTelemetrySdk();
    } catch (ConfigurationException e) {
      throw CollectorSettings.refusedBySdk(String.valueOf(e.getMessage()));
    }
    grpc = GrpcOpenTelemetry.newBuilder().sdk(sdk).build();
  }

  @Override
  public void watch(ManagedChannelBuilder<?> channel) {
    grpc.configureChannelBuilder(channel);
  }

  /** The SDK's shutdown by itself waits 5 s for metrics that are on the way. */
  @Override
  public void close() {
    CompletableFuture.runAsync(() -> sdk.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS))
        .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
        .join();
  }
}
