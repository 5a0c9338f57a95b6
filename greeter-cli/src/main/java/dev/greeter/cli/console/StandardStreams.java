package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;

/**
 * The program's input and output: always UTF-8, whatever the locale says, since names that pass
 * through a pipe must not change on the way.
 *
 * @param in standard input
 * @param out standard output, for results only
 * @param err standard error, for everything else
 */
public record StandardStreams(Lines in, PrintWriter out, PrintWriter err) {

  /**
   * Puts the encoding around the bytes.
   *
   * @param in standard input
   * @param out standard output
   * @param err standard error
   */
  public static StandardStreams of(InputStream in, OutputStream out, OutputStream err) {
    var errors = new PrintWriter(new OutputStreamWriter(err, UTF_8), true);
    return new StandardStreams(
        new Lines("standard input", in, errors), new ResultWriter(out), errors);
  }
}
