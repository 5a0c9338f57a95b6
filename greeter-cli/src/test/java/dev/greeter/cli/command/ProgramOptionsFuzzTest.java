package dev.greeter.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/** Of whatever arguments the program is started with. */
class ProgramOptionsFuzzTest {

  @Property
  void argumentsAreTakenOrRefused(Input input) {
    List<String> arguments = new ArrayList<>();
    while (input.hasMore()) {
      String option =
          input.pick("--tls", "--cacert", "--cert", "--key", "--authority", "--secret-file", "--");
      arguments.add(
          switch (input.below(3)) {
            case 0 -> option;
            case 1 -> option + "=" + input.text("/", "-", "=", "..");
            default -> input.text("--", "-", "=", "/");
          });
    }

    try {
      var taken = ProgramOptions.of(arguments.toArray(String[]::new));
      assertThat(arguments).containsAll(taken.words());
      assertThat(taken.settings()).doesNotContainValue("");
    } catch (FailureAnalyzedException e) {
      Input.assertHidden(e.analysis().getDescription() + e.analysis().getAction());
    }
  }
}
