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
 * A value that is parsed from one or more files. A separate thread reads them every few seconds and
 * compares their content, since a copied file may keep its date. New content takes effect after it
 * has been read twice: a single read may see a half-written file. Invalid content changes nothing,
 * such as a new certificate without its key; it is logged once.
 *
 * @param <T> the type of the value
 */
public final class WatchedFile<T> implements Supplier<T>, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WatchedFile.class);

  /** The documented limit is 10 s; reading is fast. */
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  private final String title;
  private final List<BoundedFile> files;
  private final Function<List<byte[]>, T> parser;
  private final Consumer<? super T> onPoll;
  private final ScheduledExecutorService follower;
  // Digests of the contents, which may be large and secret.
  private List<HashCode> used;
  private List<HashCode> seen;
  private volatile T value;
  private String problem = "";

  /**
   * Reads the files, and watches them until closed.
   *
   * @param title their name in the log, such as {@code the secret file}
   * @param files the files to read
   * @param parser creates the value from the contents, in their order; throws a {@link
   *     RuntimeException} if it cannot, whose message is logged and must not show the contents
   * @param onPoll receives the value of {@link #get} each time that the files are read, changed or
   *     not
   * @throws RuntimeException if a file or the parser throws it
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

  /** Returns the value of the last valid content. */
  @Override
  public T get() {
    return value;
  }

  /** Stops watching the files. */
  @Override
  public void close() {
    // No interrupt: it would abort a read and be logged as a problem of the file.
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
        log.info("The content of {} has changed and is now in use", title);
      } else if (!problem.isEmpty()) {
        log.info("The content of {} is usable again, and unchanged", title);
      }
      problem = "";
    } catch (RuntimeException | Error e) {
      // Any failure: a stopped thread would go unnoticed until the next change.
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
