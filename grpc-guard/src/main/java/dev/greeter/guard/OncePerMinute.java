package dev.greeter.guard;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Limits a log line to one per minute; the first is due at once. It holds no lock: a thread that
 * blocks on the console while logging must not stop other threads here.
 */
final class OncePerMinute {

  private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoTime;
  private final AtomicLong last;

  OncePerMinute(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.last = new AtomicLong(nanoTime.getAsLong() - INTERVAL_NANOS);
  }

  /** Returns whether the line is due, to one thread only; its minute then starts. */
  boolean isDue() {
    long now = nanoTime.getAsLong();
    long before = last.get();
    return now - before >= INTERVAL_NANOS && last.compareAndSet(before, now);
  }
}
