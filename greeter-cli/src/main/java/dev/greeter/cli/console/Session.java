package dev.greeter.cli.console;

import java.io.PrintWriter;
import java.util.function.UnaryOperator;
import org.springframework.shell.core.InputReader;

/** What a command talks to, and how; it belongs to the thread that runs the commands. */
public final class Session {

  private final InputReader input;
  private final PrintWriter out;
  private final PrintWriter err;
  private final UnaryOperator<String> alarm;
  private String format = "text";
  private String place = "";

  /**
   * Creates the session.
   *
   * @param input where a command reads what it asks for
   * @param out takes results, and nothing else
   * @param err takes everything else
   * @param alarm makes an error stand out, where there are colours
   */
  public Session(InputReader input, PrintWriter out, PrintWriter err, UnaryOperator<String> alarm) {
    this.input = input;
    this.out = out;
    this.err = err;
    this.alarm = alarm;
  }

  /** Returns where a command reads what it asks for. */
  public InputReader input() {
    return input;
  }

  /** Returns what takes results, and nothing else. */
  public PrintWriter out() {
    return out;
  }

  /** Returns what takes everything else. */
  public PrintWriter err() {
    return err;
  }

  /**
   * Sets the form of commands that choose none.
   *
   * @param format {@code text} or {@code json}
   * @throws dev.greeter.cli.error.UsageException if there is no such form
   */
  public void use(String format) {
    Output.of(format, this);
    this.format = format;
  }

  /**
   * Sets where the command stands that runs next.
   *
   * @param place {@code file:line}; empty for one that was typed
   */
  public void enter(String place) {
    this.place = place;
  }

  String format() {
    return format;
  }

  String place() {
    return place;
  }

  String alarm(String error) {
    return alarm.apply(error);
  }
}
