package dev.greeter.cli.greeting;

import static com.google.common.util.concurrent.Futures.immediateFailedFuture;
import static com.google.common.util.concurrent.MoreExecutors.directExecutor;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.call.CallFailure;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Progress;
import dev.greeter.cli.console.UnusableLineException;
import dev.greeter.cli.error.ExitCode;
import io.grpc.Context;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Greets many people: calls run side by side, and their answers and failures are printed in the
 * order of the names, each as soon as all before it are. Memory does not grow with their number.
 */
final class ManyGreetings implements AutoCloseable {

  /** A service commonly allows 100 calls on a connection. */
  static final int MOST_AT_A_TIME = 64;

  private static final int UNKNOWN = -1;

  private final GreeterClient client;
  private final Target target;
  private final Output output;
  private final AfterFailure afterFailure;
  private final int concurrency;
  private final Progress progress;
  private final Context context = Context.current();
  private final Semaphore free;
  private final Queue<Call> calls = new ArrayDeque<>();
  private int expected = UNKNOWN;
  private int asked;
  private int greeted;
  private int failed;
  private boolean stopped;
  private int exitCode = ExitCode.OK;

  ManyGreetings(
      GreeterClient client,
      Target target,
      Output output,
      AfterFailure afterFailure,
      int concurrency) {
    this.client = client;
    this.target = target;
    this.output = output;
    this.afterFailure = afterFailure;
    this.concurrency = concurrency;
    this.free = new Semaphore(concurrency);
    this.progress = output.progress();
  }

  private record Call(String name, ListenableFuture<GreetingResponse> answer) {}

  /** Says how many names there will be, if that is known. */
  void expect(int names) {
    expected = names;
    progress.expect(names);
  }

  /** Says that there were no other names than those asked for. */
  void expectNoMore() {
    expected = asked;
  }

  /**
   * Sends a name as soon as one of the calls is free. The first one goes alone, for what its
   * failure may say of the others.
   *
   * @return whether it makes sense to go on; not if nobody reads the answers
   * @throws dev.greeter.cli.error.CallException if the user has cancelled the command
   */
  boolean greet(String name) throws InterruptedException {
    if (asked == 1 && afterFailure != AfterFailure.KEEP_GOING) {
      awaitAll();
    }
    return add(name, () -> client.greetLater(name, target));
  }

  /** Puts a line that holds no name into its place among the calls, as {@link #greet} does. */
  boolean refuse(UnusableLineException line) throws InterruptedException {
    return add("", () -> immediateFailedFuture(line)) && afterFailure == AfterFailure.KEEP_GOING;
  }

  /**
   * Waits for the calls that are still running, and says how many failed, if any did.
   *
   * @return the exit code of the last failure, in the order of the names
   * @throws dev.greeter.cli.error.CallException if the user has cancelled the command
   */
  int finish() throws InterruptedException {
    awaitAll();
    checkCancelled();
    progress.hide();
    synchronized (this) {
      if (failed > 0) {
        tellCounts();
      }
      return exitCode;
    }
  }

  /** Waits for the calls that are still running: what was sent is answered, come what may. */
  @Override
  public void close() throws InterruptedException {
    awaitAll();
    progress.hide();
  }

  private void awaitAll() throws InterruptedException {
    free.acquire(concurrency);
    free.release(concurrency);
  }

  private boolean add(String name, Supplier<ListenableFuture<GreetingResponse>> call)
      throws InterruptedException {
    checkCancelled();
    free.acquire();
    if (hasStopped()) {
      free.release();
      return false;
    }
    ListenableFuture<GreetingResponse> answer;
    try {
      answer = call.get();
    } catch (RuntimeException e) {
      // No call runs that could free it; close() waits for all to be free.
      free.release();
      throw e;
    }
    synchronized (this) {
      calls.add(new Call(name, answer));
    }
    asked++;
    answer.addListener(this::printAnswered, directExecutor());
    return !hasStopped() && output.works();
  }

  private synchronized boolean hasStopped() {
    return stopped;
  }

  private void checkCancelled() {
    if (context.isCancelled()) {
      throw CallFailure.of(Status.CANCELLED, target);
    }
  }

  private synchronized void printAnswered() {
    while (!calls.isEmpty() && calls.element().answer().isDone()) {
      Call call = calls.remove();
      try {
        print(call);
      } catch (RuntimeException e) {
        // It fails this call only: finish() waits until the ones behind it are printed.
        tellFailure(e, Map.of("name", call.name()));
      } finally {
        free.release();
      }
    }
  }

  private void print(Call call) {
    try {
      GreetCommand.print(call.name(), Futures.getDone(call.answer()).getGreeting(), output);
      greeted++;
    } catch (ExecutionException e) {
      // All that was running is cancelled with the command, which is told once.
      if (!context.isCancelled()) {
        if (e.getCause() instanceof UnusableLineException line) {
          tellFailure(line, Map.of());
        } else {
          tellFailure(CallFailure.of(e, target), Map.of("name", call.name()));
        }
      }
    }
    progress.step();
  }

  private void tellFailure(RuntimeException failure, Map<String, String> about) {
    progress.hide();
    exitCode = output.failure(failure, about);
    failed++;
    stopped |= afterFailure.stops(failure, greeted > 0);
  }

  private void tellCounts() {
    int left = expected == UNKNOWN ? UNKNOWN : expected - greeted - failed;
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("greeted", greeted);
    fields.put("failed", failed);
    String rest = ", those behind it not asked for";
    if (left != UNKNOWN) {
      rest = left == 0 ? "" : ", %d not asked for".formatted(left);
      fields.put("notAsked", left);
    }
    String remedy =
        left == 0 || afterFailure == AfterFailure.STOP ? "." : "; --keep-going asks for all.";
    output.note("%d greeted, %d failed%s%s".formatted(greeted, failed, rest, remedy), fields);
  }
}
