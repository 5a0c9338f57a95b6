package dev.greeter.service.rate;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;

/** A clock that stands until it is moved. */
final class FakeClock implements TimeMeter {

  private volatile long nanos = 1_000;

  void advance(Duration time) {
    nanos += time.toNanos();
  }

  @Override
  public long currentTimeNanos() {
    return nanos;
  }

  @Override
  public boolean isWallClockBased() {
    return false;
  }
}
