package dev.greeter.guard;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;

/** How often each caller may call. */
final class CallRate {

  /** The longest queue of callers that are to come back; one beyond it comes back at its end. */
  private static final int MAX_WAIT_SECONDS = 10;

  private final Buckets calls;
  private final Buckets returns;

  /**
   * Creates the rate.
   *
   * @param perSecond calls in a second, on average
   * @param burst calls at once after a rest
   * @param maxCallers how many are tracked separately
   */
  CallRate(int perSecond, int burst, int maxCallers, TimeMeter clock) {
    Duration second = Duration.ofSeconds(1);
    int places = perSecond * MAX_WAIT_SECONDS;
    this.calls = new Buckets(perSecond, second, burst, maxCallers, clock);
    this.returns = new Buckets(perSecond, second, places, maxCallers, clock);
  }

  /** Returns whether a call may pass. */
  boolean allows(Object caller) {
    return calls.of(caller).tryConsume(1);
  }

  /**
   * Returns when somebody whose call may not pass is to come back, in nanoseconds. Each takes a
   * place behind those that are to come back already: told the same moment, all but one of them
   * would come in vain.
   */
  long nanosToReturn(Object caller) {
    return returns.of(caller).tryConsumeAndReturnRemaining(1).getNanosToWaitForReset();
  }
}
