package dev.greeter.cli.telemetry;

import io.grpc.ManagedChannelBuilder;

/**
 * What leaves the client for those who watch it. This one lets nothing out, and names no class of
 * OpenTelemetry, so that none is loaded where nobody watches.
 */
interface Telemetry extends AutoCloseable {

  /** Measures and traces every call on a channel that is being built. */
  default void watch(ManagedChannelBuilder<?> channel) {}

  /** Sends what has not been sent yet. */
  @Override
  default void close() {}
}
