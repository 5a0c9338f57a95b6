package dev.greeter.lab.soak;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests greetings at a rate that rises and falls, even if earlier ones are unanswered. The
 * latency of a late request counts from its due time.
 */
final class Load implements AutoCloseable {

  private static final double LEAST = 500;

  /** Not in step with the events, so that each happens at several rates. */
  private static final double WAVE_SECONDS = 180;

  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private final List<NamedClient> clients;
  private final double most;
  private final int warmUp;
  private final Thread thread = new Thread(this::run, "load");
  private volatile boolean stopped;

  /**
   * Starts the load.
   *
   * @param most the maximum number of greetings per second
   * @param warmUp seconds in which the rate rises from zero to the minimum
   */
  Load(List<NamedClient> clients, double most, int warmUp) {
    this.warmUp = warmUp;
    this.clients = clients;
    this.most = most;
    thread.start();
  }

  private void run() {
    long start = System.nanoTime();
    long last = start;
    double owed = 0;
    for (int number = 0; !stopped; ) {
      LockSupport.parkNanos(1_000_000);
      long now = System.nanoTime();
      owed += rate((now - start) / NANOS) * (now - last) / NANOS;
      int due = (int) owed;
      owed -= due;
      for (int i = 1; i <= due; i++) {
        ask(number++, last + (now - last) * i / due);
      }
      last = now;
    }
  }

  private double rate(double seconds) {
    double inWave = Math.max(0, seconds - warmUp);
    double wave = (1 - Math.cos(2 * Math.PI * inWave / WAVE_SECONDS)) / 2;
    return LEAST * Math.min(1, seconds / warmUp) + (most - LEAST) * wave;
  }

  private void ask(int number, long due) {
    for (int i = 0; i < clients.size(); i++) {
      NamedClient client = clients.get((number + i) % clients.size());
      if (client.active) {
        client.greet(number / clients.size(), due);
        return;
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    thread.join();
  }
}
