package dev.greeter.cli.command;

import java.util.List;
import org.springframework.shell.core.command.CommandOption;

/**
 * An option: a row of the table from which parsing, help, man page and completion come.
 *
 * @param name its name, after two dashes
 * @param letter its letter, after one dash; a blank for none
 * @param value what stands for its value in the help; empty if it takes none
 * @param text what it is for, in a few words
 * @param repeatable whether it may be given more than once
 */
public record Option(String name, char letter, String value, String text, boolean repeatable) {

  /** Declares an option that takes no value. */
  public static Option flag(String name, String text) {
    return of(name, "", text);
  }

  /** Declares an option without a letter. */
  public static Option of(String name, String value, String text) {
    return new Option(name, ' ', value, text, false);
  }

  /** Tells whether it takes no value. */
  public boolean isFlag() {
    return value.isEmpty();
  }

  /** Returns its line in the help. */
  String line() {
    String letters = letter == ' ' ? "    " : "-" + letter + ", ";
    return "  %s--%-20s %s%n".formatted(letters, (name + " " + value).strip(), text);
  }

  /** Returns the same for Spring Shell, which knows by its type how an option is given. */
  CommandOption declared() {
    return CommandOption.with()
        .longName(name)
        .shortName(letter)
        .description(text)
        .required(false)
        .type(isFlag() ? Boolean.class : repeatable ? List.class : String.class)
        .build();
  }
}
