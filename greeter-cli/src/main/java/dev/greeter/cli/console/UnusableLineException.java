package dev.greeter.cli.console;

import dev.greeter.cli.error.UsageException;

/** A line that cannot be used, behind which there may be others that can. */
public final class UnusableLineException extends UsageException {

  UnusableLineException(String message) {
    super(message);
  }
}
