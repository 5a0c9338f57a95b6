package dev.greeter.guard.auth;

import static dev.greeter.guard.setting.InvalidSettingException.checkSecret;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.guard.file.BoundedFile;
import dev.greeter.guard.file.FollowedFile;
import dev.greeter.guard.setting.InvalidSettingException;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that open a service: one, and beside it the previous one while it is being changed.
 * Where they come from a file, its changes count within seconds; a file that cannot be used changes
 * nothing.
 */
public final class Secrets implements AutoCloseable {

  /** More than any header carries. */
  private static final int MAX_BYTES = 64 * 1024;

  private static final String WANTED =
      "the path of a readable file that holds the shared secret: printable ASCII characters, with no"
          + " blank at either end";

  private final Supplier<List<Secret>> secrets;
  private final Runnable end;

  private Secrets(Supplier<List<Secret>> secrets, Runnable end) {
    this.secrets = secrets;
    this.end = end;
  }

  /**
   * Takes the same secrets for ever.
   *
   * @param current the secret
   * @param previous a second one that is still accepted; null if there is none
   * @throws InvalidSettingException if a header cannot carry one of them
   */
  public static Secrets of(String current, @Nullable String previous) {
    List<Secret> fixed =
        Stream.of(current, previous)
            .flatMap(Stream::ofNullable)
            .map(text -> new Secret(checkSecret("secret", text)))
            .toList();
    return new Secrets(() -> fixed, () -> {});
  }

  /**
   * Takes what a file holds, and follows its changes until it is closed: the secret, and the
   * previous one on a second line. The newline at the end, which editors and {@code echo} add, may
   * be missing.
   *
   * @param setting name of the setting that names the file
   * @param path path of the file; null if the setting is not there, which is refused
   * @throws InvalidSettingException if the file cannot be read or the content is no legal value;
   *     the message shows neither the content nor the path, in whose place the secret itself may
   *     stand
   */
  public static Secrets inFile(String setting, @Nullable String path) {
    if (path == null) {
      throw new InvalidSettingException(setting, "is not set", WANTED);
    }
    var file = new BoundedFile(setting, path, MAX_BYTES, WANTED);
    var followed =
        new FollowedFile<>(
            "the secret file", List.of(file), contents -> parse(file, contents.get(0)));
    return new Secrets(followed, followed::close);
  }

  /** Tells whether a text is one of them. */
  public boolean contains(String text) {
    return get().stream().anyMatch(secret -> secret.text.equals(text));
  }

  /** Returns the secrets, the current one first. */
  List<Secret> get() {
    return secrets.get();
  }

  /** Stops following the file. */
  @Override
  public void close() {
    end.run();
  }

  private static List<Secret> parse(BoundedFile file, byte[] bytes) {
    // Every byte is a character: one that is no ASCII is refused below, in whatever encoding.
    String content = new String(bytes, ISO_8859_1).replaceFirst("\r?\n\\z", "");
    List<String> lines = List.of(content.split("\r?\n", -1));
    if (lines.size() > 2) {
      throw file.refused("names a file whose content has more than two lines");
    }
    try {
      lines.forEach(line -> checkSecret("line", line));
    } catch (InvalidSettingException e) {
      throw file.refused("names a file whose content " + e.problem());
    }
    return lines.stream().map(Secret::new).toList();
  }

  /** A secret as a client sends it, and as a service compares it; it has no way to be shown. */
  static final class Secret {
    final String text;
    final byte[] bytes;

    private Secret(String text) {
      this.text = text;
      this.bytes = text.getBytes(UTF_8);
    }
  }
}
