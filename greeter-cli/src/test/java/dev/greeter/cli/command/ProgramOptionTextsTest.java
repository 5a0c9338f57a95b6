package dev.greeter.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.error.RefusedSettingException;
import dev.greeter.guard.fixture.Texts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Any arguments, separated by blanks here. */
class ProgramOptionTextsTest {

  @Test
  void areOptionsOrWordsOrRefused() {
    Texts.check(
        text -> {
          String[] arguments = text.split(" ");
          if (Texts.isAccepted(
              RefusedSettingException.class, text, any -> ProgramOptions.of(arguments))) {
            assertThat(List.of(arguments)).containsAll(ProgramOptions.of(arguments).words());
          }
        },
        "--tls",
        "--cacert",
        "--cert=",
        "--key",
        "--authority",
        "--secret-file",
        "--",
        "=",
        " ",
        " ",
        "greet",
        "/x.pem",
        "-");
  }
}
