package dev.greeter.lab.soak;

import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** The results of greetings, per second, and of conversations. */
final class Ledger {

  final AtomicInteger said = new AtomicInteger();
  final AtomicInteger welcomed = new AtomicInteger();
  final AtomicInteger lost = new AtomicInteger();
  final AtomicInteger lostWithReplica = new AtomicInteger();

  /** The number of conversations that ended early, by status. */
  final Map<Status.Code, Integer> endings = new ConcurrentHashMap<>();

  final Map<Status.Code, String> explanations = new ConcurrentHashMap<>();

  final Tally warmUp = new Tally();

  private final Tally[] seconds;
  private volatile long start;

  Ledger(int length) {
    seconds = IntStream.range(0, length).mapToObj(second -> new Tally()).toArray(Tally[]::new);
  }

  void beginIn(int seconds) {
    start = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
  }

  int now() {
    return secondOf(System.nanoTime());
  }

  Tally at(int second) {
    return seconds[second];
  }

  Tally due(long nanoTime) {
    int second = secondOf(nanoTime);
    return second < 0 ? warmUp : seconds[Math.min(second, seconds.length - 1)];
  }

  Tally between(int from, int to) {
    var sum = new Tally();
    for (int second = Math.max(0, from); second < Math.min(to, seconds.length); second++) {
      seconds[second].addTo(sum);
    }
    return sum;
  }

  private int secondOf(long nanoTime) {
    return Math.toIntExact(Math.floorDiv(nanoTime - start, TimeUnit.SECONDS.toNanos(1)));
  }
}
