package dev.greeter.cli.option;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A command with its options and arguments, in any order. Options are {@code --timeout 5s}, {@code
 * --timeout=5s} and {@code -v}; after {@code --}, all words are arguments. (Spring Shell 4.0.1
 * parses only lines, and ignores unknown options.)
 *
 * @param command the first word that is not an option; null if there is none
 * @param options the options and their values; a flag's value is empty
 * @param arguments the other words
 * @param problem the first error; null if there is none
 */
public record CommandLine(
    @Nullable String command,
    Map<Option, List<String>> options,
    List<String> arguments,
    @Nullable String problem) {

  /**
   * Parses words.
   *
   * @param words the words from the operating system or {@link LineSplitter}
   */
  public static CommandLine parse(List<String> words) {
    var parser = new Parser();
    Iterator<String> rest = words.iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      if (word.equals("--")) {
        rest.forEachRemaining(parser::add);
      } else if (word.length() > 1 && word.startsWith("-")) {
        parser.addOption(word, rest);
      } else {
        parser.add(word);
      }
    }
    return parser.result();
  }

  /** Returns a copy with the options from startup; this line's options take precedence. */
  public CommandLine within(CommandLine start) {
    var all = new EnumMap<Option, List<String>>(Option.class);
    all.putAll(start.options);
    // A pipe's own --keep-going does not apply to its lines.
    all.keySet().retainAll(Option.shared());
    all.putAll(options);
    String wrong = problem;
    for (Option option : Option.AT_START) {
      if (options.containsKey(option) && wrong == null) {
        wrong = "%s is read only at startup. Exit, and start greeter %s.".formatted(option, option);
      }
    }
    return new CommandLine(command, all, arguments, wrong);
  }

  /** Returns whether an option was given. */
  public boolean has(Option option) {
    return options.containsKey(option);
  }

  /** Returns the last value of an option; null if it was not given. */
  public @Nullable String value(Option option) {
    List<String> values = options.get(option);
    return values == null ? null : values.get(values.size() - 1);
  }

  /** Returns whether to print JSON. */
  public boolean json() {
    return "json".equals(value(Option.OUTPUT));
  }

  private static final class Parser {

    private final Map<Option, List<String>> options = new EnumMap<>(Option.class);
    private final List<String> words = new ArrayList<>();
    private @Nullable String problem;

    void add(String word) {
      words.add(word);
    }

    void addOption(String word, Iterator<String> rest) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      Option option = Option.find(name);
      if (option == null) {
        fail(unknown(name));
        return;
      }
      String value = equals < 0 ? "" : word.substring(equals + 1);
      boolean flag = option.value().isEmpty();
      if (!flag && equals < 0) {
        value = rest.hasNext() ? rest.next() : "";
        if (value.isEmpty() || (value.startsWith("-") && value.length() > 1)) {
          fail("%s needs a value: %s=%s.".formatted(option, option, option.value()));
        }
      } else if (flag && equals >= 0) {
        fail("%s takes no value.".formatted(option));
      }
      List<String> values = options.computeIfAbsent(option, key -> new ArrayList<>());
      values.add(value);
      if (values.size() > 1 && option != Option.METADATA) {
        fail("%s was given more than once.".formatted(option));
      }
    }

    CommandLine result() {
      String format = options.getOrDefault(Option.OUTPUT, List.of("text")).get(0);
      if (!format.equals("text") && !format.equals("json")) {
        fail("Invalid --output '%s'. Use text or json.".formatted(format));
      }
      String command = words.isEmpty() ? null : words.get(0);
      List<String> arguments = words.isEmpty() ? words : words.subList(1, words.size());
      if (options.containsKey(Option.HELP)) {
        arguments = command == null ? List.of() : List.of(command);
        command = "help";
      } else if (options.containsKey(Option.VERSION)) {
        command = "version";
      }
      return new CommandLine(command, options, arguments, problem);
    }

    private void fail(String reason) {
      problem = Objects.requireNonNullElse(problem, reason);
    }

    private static String unknown(String name) {
      var names = Stream.of(Option.values()).map(Option::toString);
      return "Unknown option '%s'. %s"
          .formatted(
              name,
              Option.nearest(name, names)
                  .map("Did you mean %s?"::formatted)
                  .orElse(
                      "Run 'help' for a list, or put -- before a name that begins with a dash."));
    }
  }
}
