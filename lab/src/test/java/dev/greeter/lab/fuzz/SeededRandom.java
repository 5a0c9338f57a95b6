package dev.greeter.lab.fuzz;

import java.util.Random;

/** Reproducible random choices from a seed. */
final class SeededRandom {

  private final Random random;

  SeededRandom(long seed) {
    random = new Random(seed);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean one(int in) {
    return random.nextInt(in) == 0;
  }

  @SafeVarargs
  final <T> T oneOf(int in, T usual, T... others) {
    return one(in) ? others[random.nextInt(others.length)] : usual;
  }

  String of(String... texts) {
    return texts[random.nextInt(texts.length)];
  }

  byte[] bytes(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  int any() {
    return random.nextInt();
  }
}
