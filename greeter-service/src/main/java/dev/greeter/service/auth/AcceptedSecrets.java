package dev.greeter.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.service.file.FollowedFiles;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * The secrets that open the service: one, and beside it the previous one while it is being changed.
 * Where they come from a file, its changes count within seconds; a file that cannot be used changes
 * nothing.
 */
public final class AcceptedSecrets implements AutoCloseable {

  private final Supplier<List<byte[]>> secrets;
  private final Runnable end;

  private AcceptedSecrets(Supplier<List<byte[]>> secrets, Runnable end) {
    this.secrets = secrets;
    this.end = end;
  }

  /**
   * Accepts the same secrets for ever.
   *
   * @param secrets the secret, and the previous one if that is still to be accepted
   */
  public static AcceptedSecrets fixed(List<String> secrets) {
    List<byte[]> encoded = encode(secrets);
    return new AcceptedSecrets(() -> encoded, () -> {});
  }

  /**
   * Accepts what a file holds, and follows its changes until it is closed.
   *
   * @param file path of the file
   * @throws FailureAnalyzedException if the file cannot be used
   */
  static AcceptedSecrets following(String file) {
    var followed =
        new FollowedFiles<>(
            "the secret file",
            List.of(SecretFile.at(file)),
            contents -> encode(SecretFile.parse(contents.get(0))));
    return new AcceptedSecrets(followed, followed::close);
  }

  /** Returns the secrets in UTF-8, the current one first. */
  List<byte[]> get() {
    return secrets.get();
  }

  /** Stops following the file. */
  @Override
  public void close() {
    end.run();
  }

  private static List<byte[]> encode(List<String> secrets) {
    return secrets.stream().map(secret -> secret.getBytes(UTF_8)).toList();
  }
}
