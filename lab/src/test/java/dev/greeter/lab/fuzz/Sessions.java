package dev.greeter.lab.fuzz;

import dev.greeter.lab.fuzz.Step.Action;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;

/** Sessions of several concurrent connections: cut, changed, delayed and mixed. */
final class Sessions {

  private Sessions() {}

  /** The number of the first permanent connection; others have smaller numbers. */
  private static final int FIRST_HOLDER = 100;

  private static final int HOLDERS = 4;

  /**
   * Creates a session for each seed; each session closes its own connections. Meanwhile, a client
   * holds calls on permanent connections, is revoked, and makes more.
   */
  static List<Step> of(long firstSeed, int seeds) {
    List<Queue<Step>> holders = new ArrayList<>();
    for (int i = 0; i < HOLDERS; i++) {
      holders.add(holder(new SeededRandom(firstSeed + i), FIRST_HOLDER + i));
    }
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < seeds; i++) {
      steps.addAll(of(firstSeed + i));
      for (Queue<Step> holder : holders) {
        for (int more = holder.size() / (seeds - i); more > 0; more--) {
          steps.add(holder.remove());
        }
      }
      if (i == seeds / 3) {
        steps.add(Step.of(0, Action.REVOKE));
      }
      if (i == seeds * 2 / 3) {
        steps.add(Step.of(0, Action.RESTORE));
      }
    }
    return steps;
  }

  private static Queue<Step> holder(SeededRandom random, int number) {
    Queue<Step> steps = new ArrayDeque<>();
    steps.add(Step.of(number, Action.OPEN));
    Frames.ofHolder(random).forEach(bytes -> steps.add(Step.send(number, bytes)));
    steps.add(Step.of(number, Action.CLOSE));
    return steps;
  }

  private static List<Step> crowd(SeededRandom random) {
    int connections = random.oneOf(2, 60, 10);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      steps.add(Step.of(i, Action.OPEN));
    }
    for (byte[] bytes : Frames.ofCrowd(random)) {
      for (int i = 0; i < connections; i++) {
        steps.add(Step.send(i, bytes));
      }
    }
    steps.add(Step.pause(1_000));
    for (int i = 0; i < connections; i++) {
      steps.add(Step.of(i, Action.CLOSE));
    }
    return steps;
  }

  private static List<Step> of(long seed) {
    var random = new SeededRandom(seed);
    if (random.one(30)) {
      return crowd(random);
    }
    List<Queue<Step>> connections = new ArrayList<>();
    for (int i = random.oneOf(8, 1 + random.below(3), 12, 25); i > 0; i--) {
      connections.add(connection(random, connections.size()));
    }
    int opened = connections.size();
    List<Step> steps = new ArrayList<>();
    while (!connections.isEmpty()) {
      Queue<Step> connection = connections.get(random.below(connections.size()));
      for (int i = random.oneOf(2, 1, 5, 1_000); i > 0 && !connection.isEmpty(); i--) {
        steps.add(connection.remove());
      }
      connections.removeIf(Queue::isEmpty);
      if (random.one(20)) {
        steps.add(Step.pause(random.oneOf(10, 1 + random.below(5), 100)));
      }
    }
    for (int i = 0; i < opened; i++) {
      steps.add(Step.of(i, Action.CLOSE));
    }
    return steps;
  }

  private static Queue<Step> connection(SeededRandom random, int number) {
    Queue<Step> steps = new ArrayDeque<>();
    steps.add(Step.of(number, random.oneOf(5, Action.OPEN, Action.OPEN_DEAF, Action.OPEN_TWIN)));
    int clean = random.oneOf(2, 40, 1_000_000, 8);
    for (byte[] bytes : Frames.ofConnection(random)) {
      for (byte[] piece : changed(random, clean, bytes)) {
        steps.add(Step.send(number, piece));
      }
    }
    Action end = random.oneOf(2, Action.CLOSE, Action.RESET, Action.HALF_CLOSE, Action.PAUSE);
    steps.add(end == Action.PAUSE ? Step.pause(1) : Step.of(number, end));
    return steps;
  }

  private static List<byte[]> changed(SeededRandom random, int oneIn, byte[] bytes) {
    if (bytes.length == 0 || !random.one(oneIn)) {
      return List.of(bytes);
    }
    int place = random.below(bytes.length);
    byte[] head = Arrays.copyOf(bytes, place);
    byte[] tail = Arrays.copyOfRange(bytes, place, bytes.length);
    return switch (random.below(5)) {
      case 0 -> List.of(head);
      case 1 -> List.of(head, tail);
      case 2 -> List.of(bytes, bytes);
      case 3 -> List.of(tail, head);
      default -> {
        byte[] flipped = bytes.clone();
        flipped[place] ^= (byte) (1 << random.below(8));
        yield List.of(flipped);
      }
    };
  }
}
