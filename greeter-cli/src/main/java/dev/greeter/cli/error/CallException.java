package dev.greeter.cli.error;

import io.grpc.Status;
import java.util.Map;
import java.util.function.Supplier;

/** A call that failed; the message says why and what to do about it. */
public final class CallException extends RuntimeException {

  private final Status status;
  private final transient Supplier<Map<String, ?>> details;

  /**
   * Creates the exception.
   *
   * @param status how the call ended
   * @param message one or two lines for the user
   */
  public CallException(Status status, String message) {
    this(status, message, Map::of);
  }

  /**
   * Creates the exception.
   *
   * @param status how the call ended
   * @param message one or two lines for the user
   * @param details finds what else the service has said, as fields of a JSON object
   */
  public CallException(Status status, String message, Supplier<Map<String, ?>> details) {
    super(message, status.getCause());
    this.status = status;
    this.details = details;
  }

  /** Returns how the call ended. */
  public Status status() {
    return status;
  }

  /** Returns what else the service has said, as fields of a JSON object. */
  public Map<String, ?> details() {
    return details.get();
  }
}
