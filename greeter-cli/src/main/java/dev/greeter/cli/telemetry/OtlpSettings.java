package dev.greeter.cli.telemetry;

import dev.greeter.cli.error.RefusedSettingException;
import dev.greeter.guard.setting.InvalidSettingException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;

/** What counts where OpenTelemetry's own environment variables, {@code OTEL_*}, say nothing. */
final class OtlpSettings {

  private static final Pattern PROPERTY = Pattern.compile("otel(\\.[a-z_]+)+");

  /** How long a collector may take to accept a connection, in milliseconds. */
  private static final int PATIENCE = 200;

  private OtlpSettings() {}

  /**
   * Reads the settings, and looks whether somebody listens at the endpoints: to load the SDK for a
   * collector that is away would take a command as long as its call.
   *
   * @return the SDK's properties beside the variables, which it reads itself; none if no endpoint
   *     is set, or nobody listens there, and nothing is to be sent
   * @throws RefusedSettingException if an endpoint is not the address of one; the message does not
   *     show it, as it may hold a password
   */
  static Map<String, String> from(Environment environment) {
    String all = endpoint(environment, "", "");
    String traces = endpoint(environment, "traces.", all);
    String metrics = endpoint(environment, "metrics.", all);
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

  /**
   * Refuses what the SDK refuses.
   *
   * @param message the SDK's, of which only the property's name is shown: it may quote a password
   */
  static RefusedSettingException refusedBySdk(String message) {
    Matcher property = PROPERTY.matcher(message);
    return new RefusedSettingException(
        new InvalidSettingException(
            property.find() ? property.group() : "otel.*",
            "cannot be used by OpenTelemetry",
            "a value that its documentation lists"));
  }

  /** Returns the endpoint of a signal, such as {@code traces.}, or of all; empty if none is set. */
  private static String endpoint(Environment environment, String signal, String otherwise) {
    String property = "otel.exporter.otlp." + signal + "endpoint";
    // Verbatim, as the SDK reads it: a password may have what looks like a placeholder in it.
    String value =
        new Binder(ConfigurationPropertySources.get(environment))
            .bind(property, String.class)
            .orElse("");
    if (value.isBlank()) {
      return otherwise;
    }
    InvalidSettingException.checkHttpAddress(property, value);
    return value;
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
