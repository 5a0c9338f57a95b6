package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jline.terminal.spi.SystemStream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;

/**
 * Prints results to standard output and everything else to standard error, as text or as one JSON
 * object per line.
 */
public final class Output {

  private final OutputStream out;
  private final boolean terminal;
  private final Consumer<String> err;
  private final UnaryOperator<String> alarm;
  private boolean json;
  private String place = "";
  private volatile @Nullable IOException failure;
  private volatile @Nullable Runnable atInterrupt = () -> {};

  /**
   * Creates the output.
   *
   * @param out receives the results, in UTF-8
   * @param terminal whether a terminal may show the results, so they must be made safe
   * @param err receives everything else
   * @param alarm highlights errors, if colours are enabled
   */
  public Output(
      OutputStream out, boolean terminal, Consumer<String> err, UnaryOperator<String> alarm) {
    this.out = out;
    this.terminal = terminal;
    this.err = err;
    this.alarm = alarm;
  }

  /**
   * Prepares for the next command.
   *
   * @param json whether to print JSON
   * @param place the command's position, {@code line N}; empty if typed or passed as an argument
   */
  public void begin(boolean json, String place) {
    this.json = json;
    this.place = place;
  }

  /**
   * Sets a report to print if Ctrl-C ends the program, on a new line after the echoed {@code ^C}.
   *
   * @param report prints the report; null if the program is already exiting
   */
  public void atInterrupt(@Nullable Runnable report) {
    atInterrupt = report;
  }

  /** Prints the report; called when the JVM exits. */
  public void interrupted() {
    Runnable report = atInterrupt;
    if (report != null) {
      if (StandardStreams.isTerminal(SystemStream.Error)) {
        err.accept("");
      }
      report.run();
    }
  }

  /** Makes text from the network safe to print if a terminal may show it. */
  public String show(String text) {
    return terminal ? Printable.of(text) : text;
  }

  /**
   * Prints a result to standard output.
   *
   * @param text the result as text
   * @param fields the result as JSON fields
   */
  public synchronized void result(String text, Map<String, ?> fields) {
    try {
      out.write(((json ? line(fields) : text) + "\n").getBytes(UTF_8));
      out.flush();
    } catch (IOException e) {
      failure = e;
    }
  }

  /**
   * Prints a message that is neither a result nor a failure.
   *
   * @param text the message as text, safe to print
   * @param fields the message as JSON fields
   */
  public void note(String text, Map<String, ?> fields) {
    err.accept(json ? line(fields) : text);
  }

  /**
   * Prints a failure.
   *
   * @param thrown the exception of a command
   * @param about the failed input, included in the report
   * @return the exit code
   */
  public int failure(Throwable thrown, Map<String, String> about) {
    if (thrown instanceof CallException e) {
      report(e.status().getCode().name(), e, e.details(), about);
      return ExitCode.of(e.status());
    }
    if (thrown instanceof UsageException e) {
      report("USAGE", e, Map.of(), about);
      return ExitCode.USAGE;
    }
    err.accept(
        "This is a bug in the program. Report it with the following lines.\n"
            + Throwables.getStackTraceAsString(thrown));
    return ExitCode.FAULT;
  }

  /** Returns false after a failed write, for example to a pipe whose reader has exited. */
  public boolean isWritable() {
    return failure == null;
  }

  /** Prints the reason for a failed write, unless the pipe's reader has exited. */
  public void reportWriteFailure() {
    // The message of EPIPE, for which Java has no separate exception.
    String reason = failure == null ? "" : String.valueOf(failure.getMessage());
    if (!reason.contains("Broken pipe")) {
      err.accept("Cannot write the output: %s. Check the disk.".formatted(reason));
    }
  }

  private void report(
      String code, RuntimeException thrown, Map<String, ?> details, Map<String, String> about) {
    String message = String.valueOf(thrown.getMessage());
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("code", code);
      fields.put("message", message);
      fields.putAll(details);
      fields.putAll(about);
      if (!place.isEmpty()) {
        fields.put("at", place);
      }
      err.accept(line(fields));
      return;
    }
    var text = new StringBuilder(place.isEmpty() ? "" : place + ": ");
    about.values().forEach(value -> text.append("'").append(Printable.of(value)).append("': "));
    err.accept(text + alarm.apply(message));
  }

  /**
   * Returns a JSON object on one line. It stays valid JSON, since the escapes of {@link Printable}
   * are also JSON's.
   */
  public static String line(Map<String, ?> fields) {
    return Printable.of(JsonWriter.<Map<String, ?>>standard().writeToString(fields));
  }
}
