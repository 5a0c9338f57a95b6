package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;

/**
 * The program's input and output: always UTF-8, whatever the locale says, since names that pass
 * through a pipe must not change on the way.
 *
 * @param in standard input; a byte that is no UTF-8 is an error, not a replacement character
 * @param out standard output, for results only
 * @param err standard error, for everything else
 */
public record StandardStreams(BufferedReader in, PrintWriter out, PrintWriter err) {

  /**
   * Puts the encoding around the bytes.
   *
   * @param in standard input
   * @param out standard output
   * @param err standard error
   */
  public StandardStreams(InputStream in, OutputStream out, OutputStream err) {
    this(
        new BufferedReader(new InputStreamReader(in, UTF_8.newDecoder())),
        new PrintWriter(new OutputStreamWriter(out, UTF_8), true),
        new PrintWriter(new OutputStreamWriter(err, UTF_8), true));
  }
}
