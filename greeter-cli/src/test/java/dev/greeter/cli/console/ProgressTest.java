package dev.greeter.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** A test's standard error is no terminal; what a terminal shows is tested with the program. */
class ProgressTest {

  @Test
  void isShownToNobodyButATerminal() {
    var err = new StringWriter();
    var progress = new Progress(new PrintWriter(err));

    progress.expect(10_001);
    for (int i = 0; i < 10_001; i++) {
      progress.step();
    }
    progress.hide();

    assertThat(err.toString()).isEmpty();
  }
}
