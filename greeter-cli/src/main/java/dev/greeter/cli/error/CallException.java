package dev.greeter.cli.error;

import io.grpc.Status;

/** A call that failed; the message says why and what to do about it. */
public final class CallException extends RuntimeException {

  private final Status status;

  /**
   * Creates the exception.
   *
   * @param status how the call ended
   * @param message one or two lines for the user
   */
  public CallException(Status status, String message) {
    super(message, status.getCause());
    this.status = status;
  }

  /** Returns how the call ended. */
  public Status status() {
    return status;
  }
}
