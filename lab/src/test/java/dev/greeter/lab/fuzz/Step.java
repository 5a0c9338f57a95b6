package dev.greeter.lab.fuzz;

import java.util.HexFormat;

/**
 * One step of a session.
 *
 * @param connection the number of the connection, which {@code OPEN} creates
 * @param action the action on it
 * @param bytes the bytes to send
 * @param millis the duration of a pause
 */
record Step(int connection, Action action, byte[] bytes, int millis) {

  private static final byte[] NOTHING = {};

  /**
   * The kinds of steps. A deaf connection has little buffer for answers and reads none. A twin uses
   * the local port of the previous connection, to another address of the service. A client is
   * revoked in the file of named secrets.
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
