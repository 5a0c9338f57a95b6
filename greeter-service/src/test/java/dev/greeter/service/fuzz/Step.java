package dev.greeter.service.fuzz;

import java.util.HexFormat;

/**
 * What a session does next.
 *
 * @param connection number of the connection, which {@code OPEN} makes
 * @param action what is done over it
 * @param bytes what is sent
 * @param millis for how long nothing is done
 */
record Step(int connection, Action action, byte[] bytes, int millis) {

  private static final byte[] NOTHING = {};

  /** Kinds of step. */
  enum Action {
    /** Connect, and read what comes. */
    OPEN,
    /** Connect with little room for answers, and read nothing. */
    OPEN_DEAF,
    /** Connect from the port of the connection before to another address of the service. */
    OPEN_TWIN,
    /** Send bytes, whatever they are. */
    SEND,
    /** End what is sent, and go on reading. */
    HALF_CLOSE,
    /** Go away with an end of the stream. */
    CLOSE,
    /** Go away with a reset. */
    RESET,
    /** Take a client out of the file of named secrets. */
    REVOKE,
    /** Put it back. */
    RESTORE,
    /** Wait. */
    PAUSE
  }

  static Step of(int connection, Action action) {
    return new Step(connection, action, NOTHING, 0);
  }

  static Step send(int connection, byte[] bytes) {
    return new Step(connection, Action.SEND, bytes, 0);
  }

  static Step pause(int millis) {
    return new Step(0, Action.PAUSE, NOTHING, millis);
  }

  @Override
  public String toString() {
    return switch (action) {
      case SEND -> "connection %d: SEND %s".formatted(connection, HexFormat.of().formatHex(bytes));
      case PAUSE -> "PAUSE %d ms".formatted(millis);
      default -> "connection %d: %s".formatted(connection, action);
    };
  }
}
