package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against a service that limits how often it may call. */
class RateLimitIT {

  @Test
  void waitsAsLongAsItIsToldAndGreets() throws Exception {
    var environment =
        Map.of("GREETER_RATE_LIMIT_CALLS_PER_SECOND", "2", "GREETER_RATE_LIMIT_BURST", "1");
    try (RunningService service = RunningService.start(environment)) {
      Result result =
          Program.greeter(
              Map.of("GREETER_SERVER", service.address()), "greet", "Ada", "Bob", "Cyd");

      assertThat(result).isEqualTo(new Result(0, "Hello Ada!\nHello Bob!\nHello Cyd!\n", ""));
      assertThat(service.log()).contains("Calls over the rate limit");
    }
  }

  @Test
  void tellsWhenToComeBackAfterTooManyWrongSecrets(@TempDir Path directory) throws Exception {
    Path guesses = Files.writeString(directory.resolve("guesses"), "greet Ada\n".repeat(4));
    var environment = Map.of("GREETER_RATE_LIMIT_FAILED_AUTHENTICATIONS_PER_MINUTE", "2");
    try (RunningService service = RunningService.start(environment)) {
      Result result =
          Program.greeter(
              Map.of("GREETER_AUTH_VALUE", "wrong", "GREETER_SERVER", service.address()),
              "script",
              guesses.toString(),
              "--keep-going");

      assertThat(result.exitCode()).isEqualTo(72);
      assertThat(result.err().split("Access denied!", -1)).hasSize(3);
      assertThat(result.err().lines().skip(4))
          .hasSize(4)
          .filteredOn(line -> line.matches("Try again in \\d+ s\\."))
          .hasSize(2);
    }
  }
}
