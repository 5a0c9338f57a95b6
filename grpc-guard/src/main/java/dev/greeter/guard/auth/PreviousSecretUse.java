package dev.greeter.guard.auth;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log, at most once a minute, which clients still use a secret that is to go, those
 * without a name by their address, so that an operator knows when nobody needs it any more.
 */
final class PreviousSecretUse {

  private static final Logger log = LoggerFactory.getLogger(PreviousSecretUse.class);

  private static final long INTERVAL_NANOS = Duration.ofMinutes(1).toNanos();

  /** As many as fit into a line that somebody reads. */
  private static final int MAX_USERS = 100;

  private final LongSupplier nanoTime;
  private final Set<String> users = new TreeSet<>();
  private long saidAt;

  /** Starts with nobody. */
  PreviousSecretUse() {
    this(System::nanoTime);
  }

  PreviousSecretUse(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.saidAt = nanoTime.getAsLong() - INTERVAL_NANOS;
  }

  /**
   * Notes a call with the previous secret.
   *
   * @param user the client's name, or its address, null if that is unknown
   */
  void record(@Nullable Object user) {
    String all;
    synchronized (this) {
      if (users.size() < MAX_USERS) {
        users.add(
            user instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : String.valueOf(user));
      }
      long now = nanoTime.getAsLong();
      if (now - saidAt < INTERVAL_NANOS) {
        return;
      }
      saidAt = now;
      all = String.join(", ", users);
      users.clear();
    }
    // Without the lock: a console that blocks must not stop the calls that come here next.
    log.warn("The previous secret is still in use, by {}", all);
  }
}
