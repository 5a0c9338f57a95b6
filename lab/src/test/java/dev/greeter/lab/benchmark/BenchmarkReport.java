package dev.greeter.lab.benchmark;

import dev.greeter.lab.ServiceContainer;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the benchmarks and prints the results as ratios within one run. */
public final class BenchmarkReport {

  private static final int WARM_UP_SECONDS = 10;
  private static final int ROUNDS = 9;

  private BenchmarkReport() {}

  /**
   * Runs all benchmarks, in about three minutes.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws Exception {
    check();
    calls();
  }

  private static void check() throws RunnerException {
    var options =
        new OptionsBuilder()
            .include("\\.CheckBenchmark\\b")
            .shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .build();
    for (RunResult result : new Runner(options).run()) {
      String clients = result.getParams().getParam("clients");
      print(
          "the check of %s, %s: %.0f ns, %.0f bytes",
          clients.equals("0") ? "one secret" : clients + " named secrets",
          result.getPrimaryResult().getLabel(),
          result.getPrimaryResult().getScore(),
          Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm"))
              .getScore());
    }
  }

  private static void calls() throws Exception {
    try (var plain = start(plain(""));
        var checked = start(plain("checked"));
        var service = start("")) {
      var reference =
          new CallBenchmark("a call, plain grpc-java with a check", checked, "42", Code.OK);
      var greet = new CallBenchmark("a call, this service", service, "42", Code.OK);
      var refused =
          new CallBenchmark("a refused call, this service", service, "43", Code.UNAUTHENTICATED);
      var chat = new CallBenchmark("a message of Chat, this service", service, "42", null);
      var all = new ArrayList<CallBenchmark>();
      all.add(new CallBenchmark("a call, plain grpc-java", plain, "42", Code.OK));
      all.addAll(List.of(reference, greet, refused, chat));
      all.forEach(each -> each.measure(WARM_UP_SECONDS));
      all.forEach(CallBenchmark::endWarmUp);
      for (int round = 0; round < ROUNDS; round++) {
        all.forEach(each -> each.measure(1));
      }
      print("CPU time of the server's process, and its ratio to plain grpc-java with a check");
      all.forEach(each -> print("%s", each.row(reference)));
      print("a refused call to an accepted one: %.2f", refused.median() / greet.median());
      print("messages of Chat in the time of a call: %.1f", greet.median() / chat.median());
      all.forEach(CallBenchmark::close);
    }
  }

  /** Returns the command that runs the plain server with the image's JVM and libraries. */
  private static String plain(String argument) throws Exception {
    return "exec java @/opt/greeter-service/java.options -cp '/opt/greeter-service/lib/*:"
        + classes()
        + "' "
        + PlainServer.class.getName()
        + " "
        + argument
        + " # instead of %s";
  }

  private static Path classes() throws Exception {
    return Path.of(PlainServer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static ServiceContainer start(String shell) throws Exception {
    var options = new ArrayList<>(ServiceContainer.mount(classes()));
    options.add("--no-healthcheck");
    var container = new ServiceContainer(Map.of(), options, shell);
    container.awaitStart();
    return container;
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
