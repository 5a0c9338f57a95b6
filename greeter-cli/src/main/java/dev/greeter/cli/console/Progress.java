package dev.greeter.cli.console;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;

/**
 * Shows how far a command is that does the same 10,000 times and more: a bar, or a count where the
 * end is not known. Only a terminal sees it, and only if the results go elsewhere: where they run
 * by they tell enough, and each of them would wipe the bar out.
 */
public final class Progress {

  private static final int MANY = 10_000;
  private static final int WIDTH = 30;
  private static final long INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

  private final PrintWriter err;
  private int total;
  private int done;
  private boolean atTerminal;
  private long drawnAt;
  private String shown = "";

  /**
   * Creates it.
   *
   * @param err standard error
   */
  public Progress(PrintWriter err) {
    this.err = err;
  }

  /** Says how many steps there will be, if that is known. */
  public void expect(int steps) {
    total = steps;
  }

  /** Takes a step, and shows it if the last one shown was some time ago. */
  public void step() {
    done++;
    if (done == MANY) {
      atTerminal = isTerminal(SystemStream.Error) && !isTerminal(SystemStream.Output);
    }
    long now = System.nanoTime();
    if (atTerminal && now - drawnAt > INTERVAL_NANOS) {
      drawnAt = now;
      shown = total == 0 ? String.format(Locale.ROOT, "%,d done", done) : bar();
      err.print("\r" + shown);
      err.flush();
    }
  }

  /** Clears the line, so that something else can be printed. */
  public void hide() {
    if (!shown.isEmpty()) {
      err.print("\r" + " ".repeat(shown.length()) + "\r");
      err.flush();
      shown = "";
    }
  }

  private String bar() {
    int filled = (int) ((long) WIDTH * done / total);
    return String.format(
        Locale.ROOT,
        "[%s%s] %,d of %,d",
        "#".repeat(filled),
        ".".repeat(WIDTH - filled),
        done,
        total);
  }

  /** Java tells only whether input and output both are a terminal; the system tells of each. */
  private static boolean isTerminal(SystemStream stream) {
    try {
      return TerminalProvider.load("exec").isSystemStream(stream);
    } catch (IOException e) {
      return false;
    }
  }
}
