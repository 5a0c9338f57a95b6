package dev.greeter.guard;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file holds, or several together. A thread of its own reads them every few seconds, and
 * compares what they hold, since a date tells nothing of a file that was copied with its date. New
 * content counts when it was read the same twice: what was read once may be half of what is being
 * written. Content that cannot be used changes nothing, such as a new certificate whose key has not
 * come yet; it is said once.
 *
 * @param <T> what is made from the files
 */
public final class WatchedFile<T> implements Supplier<T>, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WatchedFile.class);

  /** Promised are 10 s; files are read in no time. */
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  private final String title;
  private final List<BoundedFile> files;
  private final Function<List<byte[]>, T> parser;
  private final Consumer<? super T> onPoll;
  private final ScheduledExecutorService follower;
  // Digests are kept of the contents, which may be large, and secret.
  private List<HashCode> used;
  private List<HashCode> seen;
  private volatile T value;
  private String problem = "";

  /**
   * Reads the files, and follows them until it is closed.
   *
   * @param title what the log calls them, such as {@code the secret file}
   * @param files what is read
   * @param parser makes the value of what they hold, in their order; throws a {@link
   *     RuntimeException} if it cannot, whose message is logged and must not show what they hold
   * @param onPoll is given what {@link #get} returns each time that the files are read, whether it
   *     has changed or not
   * @throws RuntimeException that of a file or of the parser
   */
  public WatchedFile(
      String title,
      List<BoundedFile> files,
      Function<List<byte[]>, T> parser,
      Consumer<? super T> onPoll) {
    this(title, files, parser, onPoll, INTERVAL);
  }

  WatchedFile(
      String title,
      List<BoundedFile> files,
      Function<List<byte[]>, T> parser,
      Consumer<? super T> onPoll,
      Duration interval) {
    this.title = title;
    this.files = files;
    this.parser = parser;
    this.onPoll = onPoll;
    List<byte[]> contents = read();
    this.used = digests(contents);
    this.seen = used;
    this.value = parser.apply(contents);
    onPoll.accept(value);
    follower =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "follow " + title);
              thread.setDaemon(true);
              return thread;
            });
    long millis = interval.toMillis();
    var unused = follower.scheduleWithFixedDelay(this::check, millis, millis, MILLISECONDS);
  }

  /** Returns what was made of the last content that could be used. */
  @Override
  public T get() {
    return value;
  }

  /** Follows the files no longer. */
  @Override
  public void close() {
    // No interrupt, which would break off reading and be said as a problem of the file.
    follower.shutdown();
  }

  private void check() {
    try {
      onPoll.accept(value);
      List<byte[]> contents = read();
      List<HashCode> now = digests(contents);
      if (!now.equals(seen)) {
        seen = now;
        return;
      }
      if (!now.equals(used)) {
        value = parser.apply(contents);
        used = now;
        log.info("The content of {} has changed and is in use from now on", title);
      } else if (!problem.isEmpty()) {
        log.info("The content of {} is usable again, and unchanged", title);
      }
      problem = "";
    } catch (RuntimeException | Error e) {
      // Whatever it is: a follower that has ended would go unnoticed until the next change.
      String message = Objects.requireNonNullElse(e.getMessage(), e.getClass().getName());
      if (!problem.equals(message)) {
        problem = message;
        log.error("{} The previous content of {} stays in use.", problem, title);
      }
    }
  }

  private List<byte[]> read() {
    return files.stream().map(BoundedFile::read).toList();
  }

  private static List<HashCode> digests(List<byte[]> contents) {
    return contents.stream().map(Hashing.sha256()::hashBytes).toList();
  }
}
