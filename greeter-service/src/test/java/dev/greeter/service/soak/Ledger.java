package dev.greeter.service.soak;

import io.grpc.Status;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** What became of each greeting, second by second, and of what was said in conversations. */
final class Ledger {

  final AtomicInteger said = new AtomicInteger();
  final AtomicInteger welcomed = new AtomicInteger();
  final AtomicInteger lost = new AtomicInteger();
  final AtomicInteger lostWithReplica = new AtomicInteger();

  private final Map<Status.Code, Integer> endings = new ConcurrentHashMap<>();
  private final Map<Status.Code, String> explanations = new ConcurrentHashMap<>();
  private final Second warmUp = new Second();
  private final Second[] seconds;
  private volatile long start;

  Ledger(int length) {
    seconds = IntStream.range(0, length).mapToObj(second -> new Second()).toArray(Second[]::new);
  }

  /** Has the first second begin in so many; what is due before is kept by itself. */
  void beginIn(int seconds) {
    start = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Returns what became of the calls before the first second. */
  Second warmUp() {
    return warmUp;
  }

  /** Keeps what was said of the first failure of each kind. */
  void explain(Status status) {
    explanations.putIfAbsent(status.getCode(), String.valueOf(status.getDescription()));
  }

  Map<Status.Code, String> explanations() {
    return new TreeMap<>(explanations);
  }

  int now() {
    return secondOf(System.nanoTime());
  }

  Second at(int second) {
    return seconds[second];
  }

  /** Returns the second in which a call is due. */
  Second due(long nanoTime) {
    int second = secondOf(nanoTime);
    return second < 0 ? warmUp : seconds[Math.min(second, seconds.length - 1)];
  }

  /** Adds the seconds from one to another, which does not count. */
  Second between(int from, int to) {
    var sum = new Second();
    for (int second = Math.max(0, from); second < Math.min(to, seconds.length); second++) {
      seconds[second].addTo(sum);
    }
    return sum;
  }

  /** Counts a conversation that has ended before its client wanted. */
  void conversationEnded(Status.Code code) {
    endings.merge(code, 1, Integer::sum);
  }

  /** Returns how often conversations have ended, and were opened again, by how they ended. */
  Map<Status.Code, Integer> endings() {
    return new TreeMap<>(endings);
  }

  private int secondOf(long nanoTime) {
    return Math.toIntExact(Math.floorDiv(nanoTime - start, TimeUnit.SECONDS.toNanos(1)));
  }
}
