package dev.greeter.service.benchmark;

import dev.greeter.service.benchmark.CallBenchmark.ServerKind;
import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the benchmarks, and prints what they have measured as ratios of one and the same run. */
public final class BenchmarkReport {

  private BenchmarkReport() {}

  /**
   * Runs all benchmarks, in about three minutes.
   *
   * @param arguments none
   * @throws RunnerException if one of them fails
   */
  public static void main(String[] arguments) throws RunnerException {
    Collection<RunResult> check =
        new Runner(options("CheckBenchmark").addProfiler(GCProfiler.class).build()).run();
    double plain = cpu("greet", ServerKind.PLAIN);
    double checked = cpu("greet", ServerKind.PLAIN_CHECKED);
    double greet = cpu("greet", ServerKind.SERVICE);
    double refused = cpu("refused", ServerKind.SERVICE);
    double chat = cpu("chat", ServerKind.SERVICE);

    System.out.println();
    for (RunResult result : check) {
      String clients = result.getParams().getParam("clients");
      print(
          "the check of %s, %s: %.0f ns, %.0f bytes",
          clients.equals("0") ? "one secret" : clients + " named secrets",
          result.getPrimaryResult().getLabel(),
          result.getPrimaryResult().getScore(),
          counted(result, "gc.alloc.rate.norm"));
    }
    print("CPU time of the server's event loops, and its ratio to plain grpc-java with a check");
    row("a call, plain grpc-java", plain, checked);
    row("a call, plain grpc-java with a check", checked, checked);
    row("a call, this service", greet, checked);
    row("a refused call, this service", refused, checked);
    row("a message of Chat, this service", chat, checked);
    print("a refused call to an accepted one: %.2f", refused / greet);
    print("messages of Chat in the time of a call: %.1f", greet / chat);
  }

  /** Returns the CPU time of the server for one answer, in nanoseconds. */
  private static double cpu(String method, ServerKind server) throws RunnerException {
    var only = options("CallBenchmark." + method).param("server", server.name()).build();
    RunResult result = new Runner(only).runSingle();
    return counted(result, "cpuNanos") / counted(result, "answers");
  }

  private static double counted(RunResult result, String what) {
    return Objects.requireNonNull(result.getSecondaryResults().get(what), what).getScore();
  }

  private static ChainedOptionsBuilder options(String benchmark) {
    return new OptionsBuilder().include("\\." + benchmark + "\\b").shouldFailOnError(true);
  }

  private static void row(String what, double nanos, double of) {
    print("%-37s %6.2f us  %5.2f", what, nanos / 1000, nanos / of);
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
