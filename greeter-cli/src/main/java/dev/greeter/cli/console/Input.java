package dev.greeter.cli.console;

import org.jspecify.annotations.Nullable;

/** The source of a command's input. */
public interface Input {

  /**
   * Reads a line.
   *
   * @param prompt the prompt, shown on a terminal
   * @return the line, or null at the end of the input
   * @throws UsageException if commands have no input or it cannot be read
   */
  @Nullable String read(String prompt);

  /** Returns whether {@link #read} returns without waiting. */
  default boolean isReady() {
    return false;
  }

  /** Returns whether a person types the lines. */
  boolean isTerminal();
}
