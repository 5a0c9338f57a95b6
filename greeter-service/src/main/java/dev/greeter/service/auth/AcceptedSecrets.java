package dev.greeter.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * The secrets that open the service: one, and beside it the previous one while it is being changed.
 * Where they come from a file, its changes count within seconds; a file that cannot be used changes
 * nothing.
 */
public final class AcceptedSecrets implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AcceptedSecrets.class);

  /** Promised are 10 s; a file is read in no time. */
  private static final int CHECK_SECONDS = 5;

  private final @Nullable ScheduledExecutorService watch;
  private List<String> secrets;
  private volatile List<byte[]> accepted;
  private String problem = "";

  private AcceptedSecrets(List<String> secrets, @Nullable ScheduledExecutorService watch) {
    this.secrets = secrets;
    this.accepted = encode(secrets);
    this.watch = watch;
  }

  /**
   * Accepts the same secrets for ever.
   *
   * @param secrets the secret, and the previous one if that is still to be accepted
   */
  public static AcceptedSecrets fixed(List<String> secrets) {
    return new AcceptedSecrets(secrets, null);
  }

  /**
   * Accepts what a file holds, and follows its changes until it is closed.
   *
   * @param file path of the file
   * @param secrets what it held when the settings were read
   */
  static AcceptedSecrets following(String file, List<String> secrets) {
    ScheduledExecutorService watch =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "secret-file");
              thread.setDaemon(true);
              return thread;
            });
    var accepted = new AcceptedSecrets(secrets, watch);
    watch.scheduleWithFixedDelay(
        () -> accepted.read(file), CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
    return accepted;
  }

  /** Returns the secrets in UTF-8, the current one first. */
  List<byte[]> get() {
    return accepted;
  }

  /** Stops following the file. */
  @Override
  public void close() {
    if (watch != null) {
      watch.shutdownNow();
    }
  }

  /**
   * Takes the content of the file if it is another one, and says so; says once what is wrong with
   * it if it cannot be used.
   */
  void read(String file) {
    try {
      List<String> read = SecretFile.read(file);
      if (!read.equals(secrets)) {
        secrets = read;
        accepted = encode(read);
        log.info("The secret file has changed; what it holds now counts from now on");
      }
      problem = "";
    } catch (FailureAnalyzedException e) {
      if (!problem.equals(e.analysis().getDescription())) {
        problem = e.analysis().getDescription();
        log.error("{} What it held before goes on counting.", problem);
      }
    }
  }

  private static List<byte[]> encode(List<String> secrets) {
    return secrets.stream().map(secret -> secret.getBytes(UTF_8)).toList();
  }
}
