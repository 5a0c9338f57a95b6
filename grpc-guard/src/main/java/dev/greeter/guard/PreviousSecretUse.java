package dev.greeter.guard;

import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
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

  /** As many as fit into a line that somebody reads. */
  private static final int MAX_USERS = 100;

  private final Set<String> users = new ConcurrentSkipListSet<>();
  private final OncePerMinute lines;

  /** Starts with nobody. */
  PreviousSecretUse() {
    this(System::nanoTime);
  }

  PreviousSecretUse(LongSupplier nanoTime) {
    this.lines = new OncePerMinute(nanoTime);
  }

  /**
   * Notes a call with the previous secret.
   *
   * @param user the client's name, or its address, null if that is unknown
   */
  void record(@Nullable Object user) {
    if (users.size() < MAX_USERS) {
      users.add(
          user instanceof InetSocketAddress inet && inet.getAddress() != null
              ? inet.getAddress().getHostAddress()
              : String.valueOf(user));
    }
    if (lines.isDue()) {
      log.warn("The previous secret is still in use, by {}", String.join(", ", users));
      users.clear();
    }
  }
}
