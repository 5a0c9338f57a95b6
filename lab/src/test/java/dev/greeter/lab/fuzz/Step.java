package dev.greeter.lab.fuzz;

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

  /**
   * Kinds of step. A deaf connection has little room for answers, and reads none; a twin comes from
   * the port of the connection before, to another address of the service; a client is revoked in
   * the file of named secrets.
   */
  enum Action {
    OPEN,
    OPEN_DEAF,
    OPEN_TWIN,
    SEND,
    HALF_CLOSE,
    CLOSE,
    RESET,
    REVOKE,
    RESTORE,
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
