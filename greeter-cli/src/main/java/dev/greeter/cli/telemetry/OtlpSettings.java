package dev.greeter.cli.telemetry;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.settings.CollectorSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.core.env.Environment;

/** What counts where OpenTelemetry's own environment variables, {@code OTEL_*}, say nothing. */
final class OtlpSettings {

  /** How long a collector may take to accept a connection, in milliseconds. */
  private static final int PATIENCE = 200;

  private OtlpSettings() {}

  /**
   * Reads the settings, and looks whether somebody listens at the endpoints: to load the SDK for a
   * collector that is away would take a command as long as its call.
   *
   * @return the SDK's properties beside the variables, which it reads itself; none if no endpoint
   *     is set, or nobody listens there, and nothing is to be sent
   * @throws InvalidSettingException if an endpoint is not the address of one; the message does not
   *     show it, as it may hold a password
   */
  static Map<String, String> from(Environment environment) {
    String all = CollectorSettings.endpoint(environment, "otel.exporter.otlp.endpoint");
    String traces = endpoint(environment, "traces", all);
    String metrics = endpoint(environment, "metrics", all);
    if (traces.isEmpty() && metrics.isEmpty()) {
      return Map.of();
    }
    // Both are asked at once; one that stands for both, once.
    Map<String, CompletableFuture<String>> exporters = new HashMap<>();
    var ofTraces = exporters.computeIfAbsent(traces, OtlpSettings::exporter);
    var ofMetrics = exporters.computeIfAbsent(metrics, OtlpSettings::exporter);
    Map<String, String> settings = new HashMap<>();
    settings.put("otel.service.name", "greeter-cli");
    settings.put("otel.traces.exporter", ofTraces.join());
    settings.put("otel.metrics.exporter", ofMetrics.join());
    settings.put("otel.logs.exporter", "none");
    return settings.containsValue("otlp") ? settings : Map.of();
  }

  private static String endpoint(Environment environment, String signal, String otherwise) {
    String property = "otel.exporter.otlp." + signal + ".endpoint";
    String endpoint = CollectorSettings.endpoint(environment, property);
    return endpoint.isEmpty() ? otherwise : endpoint;
  }

  /** Asks on a thread of its own, since to look up a name may take longer. */
  private static CompletableFuture<String> exporter(String endpoint) {
    return endpoint.isEmpty()
        ? CompletableFuture.completedFuture("none")
        : CompletableFuture.supplyAsync(() -> isHeard(URI.create(endpoint)) ? "otlp" : "none")
            .completeOnTimeout("none", PATIENCE, TimeUnit.MILLISECONDS);
  }

  private static boolean isHeard(URI endpoint) {
    int standard = endpoint.getScheme().equals("https") ? 443 : 80;
    int port = endpoint.getPort() < 0 ? standard : endpoint.getPort();
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(endpoint.getHost(), port), PATIENCE);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
