package dev.greeter.cli.console;

import io.grpc.Status;

/** The program's exit codes, documented in docs/client.md. */
public final class ExitCode {

  /** The command succeeded. */
  public static final int OK = 0;

  /** A bug in this program, or output that could not be written. */
  public static final int FAULT = 1;

  /** The command line or a setting is invalid: nothing was sent. */
  public static final int USAGE = 2;

  /** Added to a status code, to distinguish failed calls from usage errors. */
  private static final int CALL_BASE = 64;

  private ExitCode() {}

  /**
   * Returns the exit code of a failed call.
   *
   * @param status the call's status
   * @return 64 plus the status code's number, such as 80 for {@code UNAUTHENTICATED}; 2 if the
   *     secret was not sent because the connection is not encrypted
   */
  public static int of(Status status) {
    return status.getCause() instanceof SecurityException
        ? USAGE
        : CALL_BASE + status.getCode().value();
  }
}
