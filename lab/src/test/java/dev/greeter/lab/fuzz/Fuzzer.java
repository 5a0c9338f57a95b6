package dev.greeter.lab.fuzz;

import dev.greeter.lab.AttackScenario;
import dev.greeter.lab.SecretsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Plays sessions against containers of the image {@code -Dgreeter.image=NAME}, many against each,
 * and checks the promises of an {@link AttackScenario}. Sessions that break a promise are minimized
 * and written to a file.
 */
final class Fuzzer {

  private static final int SESSIONS = 120;

  private static final int MOST_REPETITIONS = 2;

  private static final int MOST_TRIALS = 80;

  private int trials;

  private Fuzzer() {}

  /**
   * Runs the fuzzer.
   *
   * @param args the duration in minutes; the seed of the first session
   */
  public static void main(String[] args) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(Long.parseLong(args[0]));
    long seed = Long.parseLong(args[1]);
    System.out.println(
        "| sessions | memory | greeted/failed, slowest | anew | probe | log | callers |");
    System.out.println("|---|---|---|---|---|---|---|");
    while (System.nanoTime() < end) {
      List<Step> steps = Sessions.of(seed, SESSIONS);
      String name = "seeds %d to %d".formatted(seed, seed + SESSIONS - 1);
      String broken = broken(name, steps);
      for (int i = 0; i < MOST_REPETITIONS && !broken.isEmpty(); i++) {
        // A busy machine may also starve a well-behaved client, but not every time.
        System.out.printf("%nSeen with seed %d:%n%s%nOnce more:%n", seed, broken);
        broken = broken(name, steps);
      }
      if (!broken.isEmpty()) {
        System.out.printf("%nFound with seed %d:%n%s%n", seed, broken);
        report(seed, new Fuzzer().smallest(steps));
        System.exit(1);
      }
      seed += SESSIONS;
    }
  }

  private static String broken(String name, List<Step> steps) throws Exception {
    try (var scenario = new AttackScenario(Fuzzer::settings).start()) {
      scenario
          .named(name)
          .withstands(
              callers -> Player.play(scenario.port(), clients(scenario.directory()), steps));
      return "";
    } catch (AssertionError e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Map<String, String> settings(Path directory) throws IOException {
    Player.restore(clients(directory));
    return Headers.accepted(clients(directory));
  }

  private static SecretsFile clients(Path directory) {
    return new SecretsFile(directory.resolve("clients"));
  }

  /** Minimizes the steps (delta debugging, ddmin): halves first, single steps last. */
  private List<Step> smallest(List<Step> steps) throws Exception {
    List<Step> left = steps;
    int size = left.size() / 2;
    while (size > 0 && trials < MOST_TRIALS) {
      boolean smaller = false;
      for (int from = 0; from < left.size() && trials < MOST_TRIALS; ) {
        List<Step> without = new ArrayList<>(left);
        without.subList(from, Math.min(left.size(), from + size)).clear();
        trials++;
        if (broken("%d of %d steps".formatted(without.size(), steps.size()), without).isEmpty()) {
          from += size;
        } else {
          left = without;
          smaller = true;
        }
      }
      size = smaller && size > 1 ? Math.min(size, left.size() / 2) : size / 2;
    }
    return left;
  }

  private static void report(long seed, List<Step> steps) throws Exception {
    Path file = Path.of("target", "fuzz-%d.txt".formatted(seed));
    Files.write(file, steps.stream().map(Step::toString).toList());
    System.out.printf("It takes these %d steps, also in %s:%n", steps.size(), file);
    steps.stream().limit(40).forEach(System.out::println);
  }
}
