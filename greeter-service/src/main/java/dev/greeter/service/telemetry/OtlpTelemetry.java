package dev.greeter.service.telemetry;

import dev.greeter.guard.caller.Client;
import dev.greeter.settings.CollectorSettings;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.instrumentation.runtimetelemetry.RuntimeTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends metrics and traces to a collector, in the background: a call waits for neither. gRPC's own
 * instruments measure all calls, under names that the service has; those behind the check are
 * traced. No metadata and no message is among what is sent.
 */
final class OtlpTelemetry implements Telemetry {

  /** A collector that is gone, or never answers, must not hold up the end of the service. */
  private static final int CLOSE_SECONDS = 1;

  private static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");
  private static final Attributes MISSING = Attributes.of(REASON, "missing");
  private static final Attributes WRONG = Attributes.of(REASON, "wrong");
  private static final Attributes EXPIRED = Attributes.of(REASON, "expired");

  /** That of OpenTelemetry's semantic conventions, as in the access log. */
  private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("enduser.id");

  private final OpenTelemetrySdk sdk;
  private final RuntimeTelemetry jvm;
  private final GrpcOpenTelemetry grpc;
  private final Meter meter;
  private final LongCounter refused;
  private final LongCounter previous;
  private final LongCounter accepted;
  private final LongCounter overLimit;

  /** Starts sending, with properties that the SDK's environment variables take the place of. */
  OtlpTelemetry(Map<String, String> settings) {
    try {
      sdk =
          AutoConfiguredOpenTelemetrySdk.builder()
              .addPropertiesSupplier(() -> settings)
              .disableShutdownHook()
              .build()
              .getOpenTelemetrySdk();
    } catch (ConfigurationException e) {
      throw CollectorSettings.refusedBySdk(String.valueOf(e.getMessage()));
    }
    jvm = RuntimeTelemetry.create(sdk);
    grpc = GrpcOpenTelemetry.newBuilder().sdk(sdk).build();
    meter = sdk.getMeter("dev.greeter.service");
    refused = counter("greeter.auth.refusals", "Calls that were refused for their secret");
    previous = counter("greeter.auth.previous_secret", "Calls with a secret that is to go");
    accepted = counter("greeter.client.calls", "Calls with a secret that has a name");
    overLimit = counter("greeter.client.refusals", "Of these, calls refused for their rate");
  }

  @Override
  public void watch(ServerBuilder<?> server) {
    grpc.configureServerBuilder(server);
  }

  @Override
  public ServerInterceptor tracing() {
    return new TracingInterceptor(sdk);
  }

  @Override
  public void refused(Refusal reason, ServerCall<?, ?> call, @Nullable Client client) {
    switch (reason) {
      case SECRET_MISSING -> refused.add(1, MISSING);
      case SECRET_WRONG -> refused.add(1, WRONG);
      case SECRET_EXPIRED -> refused.add(1, EXPIRED);
      case CLIENT_RATE -> {
        if (client != null) {
          overLimit.add(1, Attributes.of(CLIENT, client.name()));
        }
      }
      default -> {
        // gRPC's own metrics have them, by their status.
      }
    }
  }

  @Override
  public void accepted(Client client) {
    accepted.add(1, Attributes.of(CLIENT, client.name()));
  }

  @Override
  public void previousSecretUsed() {
    previous.add(1);
  }

  @Override
  public void observe(String name, String unit, String description, IntSupplier count) {
    var unused =
        meter
            .upDownCounterBuilder(name)
            .setUnit(unit)
            .setDescription(description)
            .buildWithCallback(measurement -> measurement.record(count.getAsInt()));
  }

  /** On another thread: the SDK's shutdown itself waits 5 s for metrics that are on the way. */
  @Override
  public void close() {
    CompletableFuture.runAsync(() -> sdk.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS))
        .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
        .join();
    jvm.close();
  }

  private LongCounter counter(String name, String description) {
    return meter.counterBuilder(name).setUnit("{call}").setDescription(description).build();
  }
}
