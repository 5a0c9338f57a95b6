package dev.greeter.cli.console;

import dev.greeter.cli.error.CallException;
import dev.greeter.cli.error.ExitCode;
import dev.greeter.cli.error.UsageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;

/** Prints results and failures in the form that {@code --output} asks for. */
public final class Output {

  private final boolean json;
  private final Session session;

  private Output(boolean json, Session session) {
    this.json = json;
    this.session = session;
  }

  /**
   * Chooses the form.
   *
   * @param format {@code text} or {@code json}; null is that of the session
   * @param session what to print to
   * @throws UsageException if there is no such form
   */
  public static Output of(@Nullable String format, Session session) {
    return switch (format == null ? session.format() : format) {
      case "text" -> new Output(false, session);
      case "json" -> new Output(true, session);
      default ->
          throw new UsageException("--output is '%s'.%nGive it text or json.".formatted(format));
    };
  }

  /** Returns the value of {@code --output} among words that have not been parsed, or null. */
  public static @Nullable String formatIn(List<String> words) {
    for (int i = 0; i < words.size() && !words.get(i).equals("--"); i++) {
      if (words.get(i).startsWith("--output=")) {
        return words.get(i).substring("--output=".length());
      }
      if (words.get(i).equals("--output") && i + 1 < words.size()) {
        return words.get(i + 1);
      }
    }
    return null;
  }

  /**
   * Prints a result to standard output.
   *
   * @param text the result for people, safe to print
   * @param fields the result for programs, which becomes one line
   */
  public void result(String text, Map<String, ?> fields) {
    session.out().println(json ? line(fields) : text);
    session.out().flush();
  }

  /**
   * Prints what is neither a result nor a failure, to standard error.
   *
   * @param text for people, safe to print
   * @param fields for programs
   */
  public void note(String text, Map<String, ?> fields) {
    session.err().println(json ? line(fields) : text);
  }

  /**
   * Prints a failure to standard error.
   *
   * @param failure what a command has thrown
   * @param about what it failed for, which becomes a part of the report
   * @return the exit code that tells it
   */
  public int failure(Throwable failure, Map<String, String> about) {
    if (failure instanceof CallException e) {
      report(e.status().getCode().name(), e, e.details(), about);
      return ExitCode.of(e.status());
    }
    if (failure instanceof UsageException e) {
      report("USAGE", e, Map.of(), about);
      return ExitCode.USAGE;
    }
    session.err().println("This is a fault of the program; please report it with what follows.");
    failure.printStackTrace(session.err());
    return ExitCode.FAULT;
  }

  /** Returns what shows how far a long command is. */
  public Progress progress() {
    return new Progress(session.err());
  }

  /**
   * Tells whether all that was printed has been written.
   *
   * @return false once a write has failed, as when the reader of a pipe is gone
   */
  public boolean works() {
    return !session.out().checkError();
  }

  /** Says that results cannot be written, but not to whom has closed the pipe: nobody reads it. */
  public void lost() {
    if (!(session.out() instanceof ResultWriter out && out.readerIsGone())) {
      session.err().println("The output cannot be written.\nCheck the disk, or what reads it.");
    }
  }

  private void report(
      String code, RuntimeException failure, Map<String, ?> details, Map<String, String> about) {
    String message = String.valueOf(failure.getMessage());
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("code", code);
      fields.put("message", message);
      fields.putAll(details);
      fields.putAll(about);
      if (!session.place().isEmpty()) {
        fields.put("at", session.place());
      }
      session.err().println(line(fields));
    } else {
      if (!session.place().isEmpty()) {
        session.err().print(Printable.of(session.place()) + ": ");
      }
      about.values().forEach(value -> session.err().print("'" + Printable.of(value) + "': "));
      session.err().println(session.alarm(message));
    }
    session.err().flush();
  }

  /**
   * Returns an object on one line. JSON's own escapes are those of {@link Printable}: what it
   * replaces in a line stays JSON.
   */
  public static String line(Map<String, ?> fields) {
    return Printable.of(JsonWriter.<Map<String, ?>>standard().writeToString(fields));
  }
}
