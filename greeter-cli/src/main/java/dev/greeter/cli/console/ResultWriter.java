package dev.greeter.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;

/** Standard output, which knows whether it has failed because its reader is gone. */
public final class ResultWriter extends PrintWriter {

  private final Pipe pipe;

  /**
   * Creates the writer.
   *
   * @param out where results go, in UTF-8
   */
  public ResultWriter(OutputStream out) {
    this(new Pipe(out));
  }

  private ResultWriter(Pipe pipe) {
    super(new OutputStreamWriter(pipe, UTF_8), true);
    this.pipe = pipe;
  }

  /** Tells whether a write has failed since nobody reads the pipe, as behind {@code head -1}. */
  public boolean readerIsGone() {
    return pipe.broken;
  }

  private static final class Pipe extends FilterOutputStream {

    private volatile boolean broken;

    private Pipe(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        // The text of EPIPE; Java has no exception of its own for it.
        broken = String.valueOf(e.getMessage()).contains("Broken pipe");
        throw e;
      }
    }
  }
}
