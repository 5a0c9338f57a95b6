package dev.greeter.service.telemetry;

import io.grpc.ServerBuilder;
import java.util.function.LongSupplier;

/**
 * What leaves the service for those who watch it. This one lets nothing out, and names no class of
 * OpenTelemetry, so that none is loaded where nobody watches.
 */
public interface Telemetry extends AutoCloseable {

  /** Whose calls the check of the secret counts. */
  enum SecretUse {
    /** Refused: the call carried no secret. */
    MISSING,
    /** Refused: what it carried is no secret of this service. */
    WRONG,
    /** Let through, with the secret that is to go. */
    PREVIOUS
  }

  /** Measures and traces every call of a server that is being built. */
  default void watch(ServerBuilder<?> server) {}

  /** Counts a call by the secret that it carried. */
  default void count(SecretUse use) {}

  /**
   * Reports how many connections are open.
   *
   * @param open is asked from another thread each time that metrics leave
   */
  default void observeConnections(LongSupplier open) {}

  /** Sends what has not been sent yet. */
  @Override
  default void close() {}
}
