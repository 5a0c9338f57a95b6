package dev.greeter.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jline.terminal.impl.exec.ExecTerminalProvider;
import org.jline.terminal.spi.SystemStream;

/**
 * The program's input and output.
 *
 * @param in standard input
 * @param out standard output, for results only
 * @param err standard error, for everything else
 */
public record StandardStreams(InputStream in, OutputStream out, OutputStream err) {

  /** Returns whether a stream is a terminal; Java itself only reports whether all are. */
  public static boolean isTerminal(SystemStream stream) {
    try {
      var link = Path.of("/proc/self/fd/" + stream.ordinal());
      String file = Files.readSymbolicLink(link).toString();
      return file.matches("/dev/(pts/.*|tty.*|console)");
    } catch (IOException e) {
      // There is no /proc. This fallback starts a process.
      return new ExecTerminalProvider().isSystemStream(stream);
    }
  }
}
