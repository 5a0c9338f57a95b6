package dev.greeter.cli.console;

import com.google.common.collect.ImmutableMap;
import io.grpc.Status;
import java.util.Map;

/** A call that failed; the message states why, and what to do about it. */
public final class CallException extends RuntimeException {

  private final Status status;
  private final transient Map<String, ?> details;

  /**
   * Creates the exception.
   *
   * @param status how the call ended
   * @param message the fact, then one thing to do
   * @param details more fields for its JSON object
   */
  public CallException(Status status, String message, Map<String, ?> details) {
    super(message, status.getCause());
    this.status = status;
    this.details = details;
  }

  /** Returns the same with one more field. */
  public CallException with(String suffix, String field, Object value) {
    var all = ImmutableMap.<String, Object>builder().putAll(details).put(field, value).build();
    return new CallException(status, getMessage() + suffix, all);
  }

  /** Returns how the call ended. */
  public Status status() {
    return status;
  }

  /** Returns more fields for its JSON object. */
  public Map<String, ?> details() {
    return details;
  }
}
