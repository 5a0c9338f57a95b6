package dev.greeter.guard.autoconfigure;

import dev.greeter.guard.Client;
import dev.greeter.guard.GuardEvents;
import io.grpc.ServerCall;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Counts the events of the guard. */
final class GuardMetrics implements GuardEvents {

  private final MeterProvider<Counter> refused;
  private final MeterProvider<Counter> accepted;
  private final Counter connections;
  private final Counter previous;

  GuardMetrics(MeterRegistry registry) {
    refused =
        Counter.builder("grpc.guard.calls.refused")
            .description("Calls that the guard refused or ended")
            .withRegistry(registry);
    accepted =
        Counter.builder("grpc.guard.client.calls")
            .description("Calls with a named secret")
            .withRegistry(registry);
    connections =
        Counter.builder("grpc.guard.connections.refused")
            .description("Connections that were refused, or closed before they showed the secret")
            .register(registry);
    previous =
        Counter.builder("grpc.guard.previous.secret")
            .description("Calls with the previous secret")
            .register(registry);
  }

  /** The client tag is always set: Prometheus requires the same tags for all series. */
  @Override
  public void refused(Refusal reason, ServerCall<?, ?> call, @Nullable Client client) {
    String name = client == null ? "none" : client.name();
    String why = reason.name().toLowerCase(Locale.ROOT);
    refused.withTags("reason", why, "client", name).increment();
  }

  @Override
  public void accepted(Client client) {
    accepted.withTag("client", client.name()).increment();
  }

  @Override
  public void connectionRefused() {
    connections.increment();
  }

  @Override
  public void previousSecretUsed() {
    previous.increment();
  }
}
