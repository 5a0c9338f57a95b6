package dev.greeter.cli.greeting;

import dev.greeter.cli.error.CallException;
import io.grpc.Status.Code;

/** Whether further names are worth a call when one has failed. */
enum AfterFailure {
  /** None is. */
  STOP,
  /** All are, unless they would fail like that one. */
  STOP_IF_IN_VAIN,
  /** All are. */
  KEEP_GOING;

  /**
   * Decides.
   *
   * @param failure of a call, or of a line that holds no name
   * @param answered whether any call has been answered
   */
  boolean stops(RuntimeException failure, boolean answered) {
    return switch (this) {
      case STOP -> true;
      case KEEP_GOING -> false;
      case STOP_IF_IN_VAIN ->
          !(failure instanceof CallException call)
              || call.status().getCode() == Code.UNAUTHENTICATED
              || (call.status().getCode() == Code.UNAVAILABLE && !answered);
    };
  }
}
