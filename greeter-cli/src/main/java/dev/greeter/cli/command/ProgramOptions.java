package dev.greeter.cli.command;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * The options of the program, which stand before or behind any command: each is a setting that
 * counts before the environment's variables. There is none for the secret itself, which would be in
 * every list of processes.
 *
 * @param words the arguments without these options
 * @param settings the properties that they stand for
 */
public record ProgramOptions(List<String> words, Map<String, String> settings) {

  private static final String GLOBAL = "grpc.client.GLOBAL.";
  private static final String SECURITY = GLOBAL + "security.";

  /** All of them. */
  public static final List<Option> ALL =
      List.of(
          Option.flag("tls", "use TLS; the next four imply it"),
          Option.of("cacert", "FILE", "the CAs that sign the service's certificate"),
          Option.of("cert", "FILE", "this client's certificate"),
          Option.of("key", "FILE", "that certificate's key"),
          Option.of("authority", "NAME", "the name that the service's certificate must have"),
          Option.of("secret-file", "FILE", "the file that holds the secret"));

  private static final Map<String, Option> BY_WORD =
      ALL.stream().collect(toMap(option -> "--" + option.name(), identity()));

  /**
   * Takes the options out of the arguments; what follows {@code --} is none.
   *
   * @throws FailureAnalyzedException if one has no value, or one that cannot be a file's name
   */
  public static ProgramOptions of(String... arguments) {
    List<String> words = new ArrayList<>();
    Map<String, String> settings = new HashMap<>();
    Iterator<String> rest = List.of(arguments).iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      int equals = word.indexOf('=');
      Option option = BY_WORD.get(equals < 0 ? word : word.substring(0, equals));
      if (option == null) {
        words.add(word);
        if (word.equals("--")) {
          rest.forEachRemaining(words::add);
        }
      } else if (equals >= 0) {
        set(option, word.substring(equals + 1), settings);
      } else {
        set(option, option.isFlag() || !rest.hasNext() ? "" : rest.next(), settings);
      }
    }
    return new ProgramOptions(words, settings);
  }

  /** Returns what the help says of them. */
  public static String help() {
    return ALL.stream().map(Option::line).collect(joining());
  }

  private static void set(Option option, String value, Map<String, String> settings) {
    if (option.isFlag() != value.isEmpty() || value.startsWith("-")) {
      throw new FailureAnalyzedException(
          "The option --%s %s."
              .formatted(option.name(), option.isFlag() ? "takes no value" : "has no value"),
          "Give it %s."
              .formatted(option.isFlag() ? "alone" : "one: --" + option.name() + "=VALUE"));
    }
    if (option.name().equals("secret-file")) {
      settings.put("greeter.auth.value-file", value);
      return;
    }
    settings.put(GLOBAL + "negotiation-type", "tls");
    switch (option.name()) {
      case "cacert" -> settings.put(SECURITY + "trust-cert-collection", uri(option, value));
      case "authority" -> settings.put(SECURITY + "authority-override", value);
      case "cert", "key" -> {
        settings.put(SECURITY + "client-auth-enabled", "true");
        String property = option.name().equals("cert") ? "certificate-chain" : "private-key";
        settings.put(SECURITY + property, uri(option, value));
      }
      default -> {
        // --tls says no more.
      }
    }
  }

  private static String uri(Option option, String file) {
    try {
      return Path.of(file).toUri().toString();
    } catch (InvalidPathException e) {
      // As of a name with characters that the locale does not have.
      throw new FailureAnalyzedException(
          "The option --%s names no file that there can be.".formatted(option.name()),
          "Give it the path of a file, in the characters of the locale.");
    }
  }
}
