package dev.greeter.cli.command;

import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.console.CallException;
import dev.greeter.cli.console.ExitCode;
import dev.greeter.cli.console.Input;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Utf8LineReader.InvalidLineException;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jline.reader.UserInterruptException;

/**
 * Greets many people. Calls run concurrently. Answers and failures are printed in the order of the
 * names, as early as possible. Memory use does not grow with the number of names.
 */
final class ManyGreetings {

  /** A service commonly allows 100 concurrent calls on a connection. */
  static final int MAX_IN_FLIGHT = 64;

  private final GreeterClient client;
  private final Target target;
  private final Output output;
  private final boolean keepGoing;
  private final int concurrency;
  private final Queue<Call> calls = new ArrayDeque<>();
  private int greeted;
  private int failed;
  private boolean stopped;
  private int exitCode = ExitCode.OK;

  ManyGreetings(
      GreeterClient client, Target target, Output output, boolean keepGoing, int concurrency) {
    this.client = client;
    this.target = target;
    this.output = output;
    this.keepGoing = keepGoing;
    this.concurrency = concurrency;
  }

  private record Call(String name, Future<GreetingResponse> answer) {}

  /**
   * Greets until there are no more names or continuing is pointless: the output is closed, or all
   * further calls would fail the same way. Prints the counts if a call failed or the user cancels.
   *
   * @param names the source of the names
   * @param expected the number of names; -1 if unknown
   * @return the exit code of the last failure, in the order of the names
   * @throws CallException if the user has cancelled the command
   */
  int run(Input names, int expected) throws InterruptedException {
    output.atInterrupt(() -> printCounts(expected));
    int total;
    try {
      total = greet(names, expected);
      drain();
    } catch (UserInterruptException e) {
      // Ctrl-C at a shell's prompt for a name.
      printCounts(expected);
      throw e;
    } finally {
      output.atInterrupt(() -> {});
    }
    boolean cancelled = Context.current().isCancelled();
    if (failed > 0 || cancelled) {
      printCounts(total);
    }
    if (cancelled) {
      throw client.explain(Status.CANCELLED.asException(), target, false);
    }
    return exitCode;
  }

  /** Returns the number of names; -1 if unknown. */
  private int greet(Input names, int expected) throws InterruptedException {
    int asked = 0;
    while (canGoOn()) {
      // Print pending answers before a read that may block. The first call runs alone: its failure
      // may make the others pointless.
      boolean full = calls.size() == concurrency || (asked == 1 && !keepGoing);
      if (!calls.isEmpty() && (full || !names.isReady())) {
        printNext();
        continue;
      }
      try {
        String name = names.read("");
        if (name == null) {
          return asked;
        }
        calls.add(new Call(name, client.greetAsync(name, target)));
      } catch (InvalidLineException e) {
        drain();
        fail(e, Map.of(), true);
      }
      asked++;
    }
    return expected;
  }

  private boolean canGoOn() {
    return !stopped && output.isWritable() && !Context.current().isCancelled();
  }

  private void drain() throws InterruptedException {
    while (!calls.isEmpty()) {
      printNext();
    }
  }

  private void printNext() throws InterruptedException {
    Call call = calls.remove();
    try {
      GreetCommand.print(call.name(), call.answer().get().getGreeting(), output);
      greeted++;
    } catch (ExecutionException e) {
      // Calls in flight are cancelled with the command; the cancellation is printed once.
      if (!Context.current().isCancelled()) {
        CallException failure = client.explain(e, target, greeted == 0);
        Code code = failure.status().getCode();
        boolean pointless =
            code == Code.UNAUTHENTICATED
                || code == Code.PERMISSION_DENIED
                || (code == Code.UNAVAILABLE && greeted == 0);
        fail(failure, Map.of("name", call.name()), pointless);
      }
    }
  }

  private void fail(Exception failure, Map<String, String> about, boolean pointless) {
    exitCode = output.failure(failure, about);
    failed++;
    stopped |= pointless && !keepGoing;
  }

  private void printCounts(int total) {
    int skipped = Math.max(0, total - greeted - failed);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("greeted", greeted);
    fields.put("failed", failed);
    String rest = total < 0 ? ", the rest skipped" : skipped > 0 ? ", " + skipped + " skipped" : "";
    if (total >= 0) {
      fields.put("skipped", skipped);
    }
    boolean stoppedEarly = failed > 0 && !rest.isEmpty() && !keepGoing;
    String advice = stoppedEarly ? ". --keep-going asks for all." : ".";
    output.note("%d greeted, %d failed%s%s".formatted(greeted, failed, rest, advice), fields);
  }
}
