package dev.greeter.cli.console;

import org.jspecify.annotations.Nullable;

/** Where a command reads what it asks for. */
public interface Input {

  /**
   * Reads a line.
   *
   * @param prompt shown if a person types the line
   * @return the line, or null at the end of the input
   * @throws UsageException if there is no input for commands, or it cannot be read
   */
  @Nullable String read(String prompt);

  /** Returns whether {@link #read} returns without waiting. */
  default boolean isReady() {
    return false;
  }

  /** Returns whether a person types the lines. */
  boolean isTerminal();
}
