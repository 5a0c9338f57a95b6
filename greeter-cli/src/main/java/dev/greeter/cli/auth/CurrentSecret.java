package dev.greeter.cli.auth;

import dev.greeter.cli.error.InvalidSettingException;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret as it is now. One in a file is read again when what is known of it is 5 s old; if that
 * fails, the one that was read before goes on counting.
 */
final class CurrentSecret implements Supplier<String> {

  private static final Logger log = LoggerFactory.getLogger(CurrentSecret.class);

  private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();

  private final @Nullable String file;
  private final LongSupplier nanoTime;
  private String value;
  private long readAt;
  private String problem = "";

  /**
   * Starts with what the settings say.
   *
   * @param value the secret
   * @param file where it was read from, or null if it never changes
   */
  CurrentSecret(String value, @Nullable String file) {
    this(value, file, System::nanoTime);
  }

  CurrentSecret(String value, @Nullable String file, LongSupplier nanoTime) {
    this.value = value;
    this.file = file;
    this.nanoTime = nanoTime;
    this.readAt = nanoTime.getAsLong();
  }

  @Override
  public synchronized String get() {
    long now = nanoTime.getAsLong();
    if (file != null && now - readAt >= FRESH_NANOS) {
      readAt = now;
      read(file);
    }
    return value;
  }

  private void read(String path) {
    try {
      value = SecretFile.read(path);
      problem = "";
    } catch (InvalidSettingException e) {
      if (!problem.equals(e.getMessage())) {
        problem = String.valueOf(e.getMessage());
        log.error("{} What it held before goes on counting.", problem);
      }
    }
  }
}
