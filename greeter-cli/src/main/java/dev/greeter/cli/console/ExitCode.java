package dev.greeter.cli.console;

import io.grpc.Status;

/** The exit codes of the program, as docs/client.md lists them. */
public final class ExitCode {

  /** Everything that was asked for is done. */
  public static final int OK = 0;

  /** A fault of this program, or output that could not be written. */
  public static final int FAULT = 1;

  /** The command line or a setting is wrong: nothing was sent. */
  public static final int USAGE = 2;

  /** What is added to the code of a status, so that no failed call ends like a wrong usage. */
  private static final int CALL_BASE = 64;

  private ExitCode() {}

  /**
   * The exit code of a failed call.
   *
   * @param status how the call ended
   * @return 64 plus the status code's number: 80 for {@code UNAUTHENTICATED}; 2 if the secret was
   *     not sent, since the connection is not encrypted
   */
  public static int of(Status status) {
    return status.getCause() instanceof SecurityException
        ? USAGE
        : CALL_BASE + status.getCode().value();
  }
}
