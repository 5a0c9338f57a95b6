package dev.greeter.service.telemetry;

import dev.greeter.guard.GuardEvents;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What leaves the service for those who watch it, the guard's events among it. This one lets
 * nothing out, and names no class of OpenTelemetry, so that none is loaded where nobody watches.
 */
public interface Telemetry extends GuardEvents, AutoCloseable {

  /** Measures every call of a server that is being built. */
  default void watch(ServerBuilder<?> server) {}

  /** Returns what traces the calls that it meets; null if nothing does. */
  default @Nullable ServerInterceptor tracing() {
    return null;
  }

  /**
   * Reports how many there are of something.
   *
   * @param name the metric's
   * @param unit what is counted, such as {@code {call}}
   * @param description what the metric tells
   * @param count is asked from another thread each time that metrics leave
   */
  default void observe(String name, String unit, String description, IntSupplier count) {}

  /** Sends what has not been sent yet. */
  @Override
  default void close() {}
}
