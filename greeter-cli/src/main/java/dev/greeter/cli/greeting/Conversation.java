package dev.greeter.cli.greeting;

import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.call.CallFailure;
import dev.greeter.cli.call.Target;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One {@code Chat}, a name and its answer at a time. The timeout bounds the wait for each answer: a
 * deadline of the whole call would end the conversation while its user is thinking.
 */
final class Conversation implements AutoCloseable {

  private final BlockingClientCall<GreetingRequest, GreetingResponse> call;
  private final Target target;
  private boolean sent;
  private boolean answered;

  Conversation(BlockingClientCall<GreetingRequest, GreetingResponse> call, Target target) {
    this.call = call;
    this.target = target;
  }

  /**
   * Sends a name and waits for its answer.
   *
   * @return the answer, as the service has sent it
   * @throws CallException if the stream fails or ends, or no answer comes within the timeout
   */
  String say(String name) {
    sent = false;
    String answer =
        within(
            deadline -> {
              sent = call.write(GreeterClient.request(name), left(deadline), TimeUnit.NANOSECONDS);
              return read(deadline);
            });
    if (answer == null) {
      throw CallFailure.of(
          Status.UNKNOWN.withDescription("it ended the conversation before it answered"), target);
    }
    answered = true;
    return answer;
  }

  /** Tells whether the service may know the name that was said last. */
  boolean hasSent() {
    return sent;
  }

  /** Tells whether there was an answer to a name. */
  boolean hasAnswered() {
    return answered;
  }

  /**
   * Says that no more names follow, and waits until the service has ended the call.
   *
   * @throws CallException if it ends with a failure, or not within the timeout
   */
  void end() {
    call.halfClose();
    within(
        deadline -> {
          while (read(deadline) != null) {
            // An answer to nothing: this client has had the answer to all that it sent.
            if (deadline.isExpired()) {
              throw new TimeoutException();
            }
          }
          return null;
        });
  }

  /** Gives the conversation up if it has not ended. */
  @Override
  public void close() {
    call.cancel("The client has left the conversation", null);
  }

  private @Nullable String read(Deadline deadline)
      throws InterruptedException, TimeoutException, StatusException {
    GreetingResponse response = call.read(left(deadline), TimeUnit.NANOSECONDS);
    return response == null ? null : response.getGreeting();
  }

  private static long left(Deadline deadline) {
    return deadline.timeRemaining(TimeUnit.NANOSECONDS);
  }

  private @Nullable String within(Exchange exchange) {
    try {
      return exchange.run(Deadline.after(target.timeout().toNanos(), TimeUnit.NANOSECONDS));
    } catch (StatusException e) {
      throw CallFailure.of(e, target);
    } catch (TimeoutException e) {
      throw CallFailure.of(Status.DEADLINE_EXCEEDED.withCause(e), target);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CallFailure.of(Status.CANCELLED.withCause(e), target);
    }
  }

  private interface Exchange {
    @Nullable String run(Deadline deadline)
        throws InterruptedException, TimeoutException, StatusException;
  }
}
