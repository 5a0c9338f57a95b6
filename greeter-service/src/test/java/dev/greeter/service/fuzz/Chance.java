package dev.greeter.service.fuzz;

import java.util.Random;

/** Choices that a seed makes, the same each time. */
final class Chance {

  private final Random random;

  Chance(long seed) {
    random = new Random(seed);
  }

  /** Returns a number from 0 on. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Returns true one time in so many. */
  boolean one(int in) {
    return random.nextInt(in) == 0;
  }

  /** Returns the usual one, or one time in so many one of the others. */
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
