package dev.greeter.cli.greeting;

import static com.google.common.util.concurrent.MoreExecutors.directExecutor;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.call.CallFailure;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Progress;
import dev.greeter.cli.error.ExitCode;
import io.grpc.Context;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Greets many people: calls run side by side, and their answers and failures are printed in the
 * order of the names, each as soon as all before it are. Memory does not grow with their number.
 */
final class ManyGreetings implements AutoCloseable {

  /** Calls at a time; a service commonly allows 100 on a connection. */
  private static final int SIDE_BY_SIDE = 64;

  private final GreeterClient client;
  private final Target target;
  private final Output output;
  private final Progress progress;
  private final Context context = Context.current();
  private final Semaphore free = new Semaphore(SIDE_BY_SIDE);
  private final Queue<Call> calls = new ArrayDeque<>();
  private volatile int exitCode = ExitCode.OK;

  ManyGreetings(GreeterClient client, Target target, Output output) {
    this.client = client;
    this.target = target;
    this.output = output;
    this.progress = output.progress();
  }

  private record Call(String name, ListenableFuture<GreetingResponse> answer) {}

  /** Says how many names there will be, if that is known. */
  void expect(int names) {
    progress.expect(names);
  }

  /**
   * Sends a name as soon as one of the calls is free.
   *
   * @return whether it makes sense to go on; not if nobody reads the answers
   * @throws dev.greeter.cli.error.CallException if the user has cancelled the command
   */
  boolean greet(String name) throws InterruptedException {
    checkCancelled();
    free.acquire();
    ListenableFuture<GreetingResponse> answer;
    try {
      answer = client.greetLater(name, target);
    } catch (RuntimeException e) {
      // No call runs that could free it; close() waits for all to be free.
      free.release();
      throw e;
    }
    synchronized (this) {
      calls.add(new Call(name, answer));
    }
    answer.addListener(this::printAnswered, directExecutor());
    return output.works();
  }

  /**
   * Waits for the calls that are still running.
   *
   * @return the exit code of the last failure, in the order of the names
   * @throws dev.greeter.cli.error.CallException if the user has cancelled the command
   */
  int finish() throws InterruptedException {
    free.acquire(SIDE_BY_SIDE);
    free.release(SIDE_BY_SIDE);
    checkCancelled();
    return exitCode;
  }

  /** Waits for the calls that are still running: what was sent is answered, come what may. */
  @Override
  public void close() throws InterruptedException {
    free.acquire(SIDE_BY_SIDE);
    progress.hide();
  }

  private void checkCancelled() {
    if (context.isCancelled()) {
      throw CallFailure.of(Status.CANCELLED, target);
    }
  }

  private synchronized void printAnswered() {
    while (!calls.isEmpty() && calls.element().answer().isDone()) {
      try {
        print(calls.remove());
      } finally {
        free.release();
      }
    }
  }

  private void print(Call call) {
    try {
      GreetCommand.print(Futures.getDone(call.answer()).getGreeting(), output);
    } catch (ExecutionException e) {
      // All that was running is cancelled with the command, which is told once.
      if (!context.isCancelled()) {
        progress.hide();
        var failure = CallFailure.of(e, target);
        exitCode = output.failure(failure, Map.of("name", call.name()));
      }
    }
    progress.step();
  }
}
