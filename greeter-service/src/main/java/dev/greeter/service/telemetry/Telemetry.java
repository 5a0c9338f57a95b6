package dev.greeter.service.telemetry;

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
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Sends metrics and traces to a collector, in the background: a call waits for neither. gRPC's own
 * instruments measure all calls, under names that the service has; those behind the check are
 * traced. No metadata and no message is among what is sent. Without an endpoint nothing is sent,
 * and nothing of this is on the path of a call; that is decided at the start and by no condition,
 * which Spring's AOT processing would decide in the build.
 */
@Component
public final class Telemetry implements GuardEvents, GrpcServerConfigurer, AutoCloseable {

  /** A collector that is gone, or never answers, must not hold up the end of the service. */
  private static final int CLOSE_SECONDS = 1;

  private static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");
  private static final Map<Refusal, Attributes> REASONS =
      Map.of(
          Refusal.SECRET_MISSING, Attributes.of(REASON, "missing"),
          Refusal.SECRET_WRONG, Attributes.of(REASON, "wrong"),
          Refusal.SECRET_EXPIRED, Attributes.of(REASON, "expired"));

  /** That of OpenTelemetry's semantic conventions, as in the access log. */
  private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("enduser.id");

  private final @Nullable Exporter exporter;
  private final Meter meter;
  private final LongCounter refused;
  private final LongCounter previous;
  private final LongCounter accepted;
  private final LongCounter overLimit;

  @Autowired
  Telemetry(Environment environment) {
    this(CollectorSettings.exporters("greeter-service", environment));
  }

  Telemetry(Map<String, String> properties) {
    exporter = properties.isEmpty() ? null : new Exporter(properties);
    OpenTelemetry telemetry = exporter == null ? OpenTelemetry.noop() : exporter.sdk;
    meter = telemetry.getMeter("dev.greeter.service");
    refused = counter("greeter.auth.refusals", "Calls that were refused for their secret");
    previous = counter("greeter.auth.previous_secret", "Calls with the previous secret");
    accepted = counter("greeter.client.calls", "Calls with a secret that has a name");
    overLimit = counter("greeter.client.refusals", "Of these, calls refused for their rate");
  }

  /** Measures every call of a server that is being built. */
  @Override
  public void accept(ServerBuilder<?> server) {
    if (exporter != null) {
      GrpcOpenTelemetry.newBuilder().sdk(exporter.sdk).build().configureServerBuilder(server);
    }
  }

  /**
   * Returns what traces the calls that it meets, which are those behind the check: spans wait for
   * the collector in memory, and a caller without the secret must not fill it.
   */
  public ServerInterceptor[] tracing() {
    return exporter == null
        ? new ServerInterceptor[0]
        : new ServerInterceptor[] {new TracingInterceptor(exporter.sdk)};
  }

  /**
   * Reports how many there are of something.
   *
   * @param name the metric's
   * @param unit what is counted, such as {@code {call}}
   * @param description what the metric is
   * @param count is called by another thread each time that metrics are sent
   */
  public void observe(String name, String unit, String description, IntSupplier count) {
    var unused =
        meter
            .upDownCounterBuilder(name)
            .setUnit(unit)
            .setDescription(description)
            .buildWithCallback(measurement -> measurement.record(count.getAsInt()));
  }

  @Override
  public void refused(Refusal reason, ServerCall<?, ?> call, @Nullable Client client) {
    // gRPC's own metrics have the others, by their status.
    if (REASONS.containsKey(reason)) {
      refused.add(1, REASONS.get(reason));
    } else if (reason == Refusal.CLIENT_RATE && client != null) {
      overLimit.add(1, Attributes.of(CLIENT, client.name()));
    }
  }

  @Override
  public void accepted(Client client) {
    if (exporter != null) { // The attributes would cost each call something.
      accepted.add(1, Attributes.of(CLIENT, client.name()));
    }
  }

  @Override
  public void previousSecretUsed() {
    previous.add(1);
  }

  /** Sends what has not been sent yet: on another thread, as that may take the SDK 10 s. */
  @Override
  public void close() {
    if (exporter != null) {
      CompletableFuture.runAsync(exporter.sdk::close)
          .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
          .join();
      exporter.jvm.close();
    }
  }

  private LongCounter counter(String name, String description) {
    return meter.counterBuilder(name).setUnit("{call}").setDescription(description).build();
  }

  /** A class of its own, so that the SDK is loaded only if it is used. */
  private static final class Exporter {

    final OpenTelemetrySdk sdk;
    final RuntimeTelemetry jvm;

    Exporter(Map<String, String> properties) {
      try {
        sdk =
            AutoConfiguredOpenTelemetrySdk.builder()
                .addPropertiesSupplier(() -> properties)
                .disableShutdownHook()
                .build()
                .getOpenTelemetrySdk();
      } catch (ConfigurationException e) {
        throw CollectorSettings.refusedBySdk(String.valueOf(e.getMessage()));
      }
      jvm = RuntimeTelemetry.create(sdk);
    }
  }
}
