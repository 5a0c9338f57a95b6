package dev.greeter.cli.console;

import com.google.common.collect.ImmutableMap;
import io.grpc.Status;
import java.util.Map;

/** A failed call. The message states the cause and a remedy. */
public final class CallException extends RuntimeException {

  private final Status status;
  private final transient Map<String, ?> details;

  /**
   * Creates the exception.
   *
   * @param status the call's status
   * @param message the cause, then one remedy
   * @param details additional fields of the JSON output
   */
  public CallException(Status status, String message, Map<String, ?> details) {
    super(message, status.getCause());
    this.status = status;
    this.details = details;
  }

  /** Returns a copy with a longer message and one more field. */
  public CallException with(String suffix, String field, Object value) {
    var all = ImmutableMap.<String, Object>builder().putAll(details).put(field, value).build();
    return new CallException(status, getMessage() + suffix, all);
  }

  /** Returns the call's status. */
  public Status status() {
    return status;
  }

  /** Returns the additional fields of the JSON output. */
  public Map<String, ?> details() {
    return details;
  }
}
