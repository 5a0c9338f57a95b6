package dev.greeter.cli.call;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import io.grpc.inprocess.InProcessChannelBuilder;

/** Of whatever is set for a service config. */
class ServiceConfigFuzzTest {

  @Property(runs = 1000)
  void isRefusedOrAChannelsOrNoneOfGrpcs(Input input) {
    String config =
        input.rest(
            "{",
            "}",
            "[",
            "]",
            ":",
            ": ",
            ",",
            "\"",
            "\n",
            "  ",
            "- ",
            "&a",
            "*a",
            "<<",
            "!!",
            "---",
            "methodConfig",
            "retryPolicy",
            "name",
            "maxAttempts",
            "loadBalancingConfig",
            "null",
            "&a {b: *a}",
            "&a [*a]",
            "1: 2",
            "1",
            "1.5",
            "2027-01-31",
            "true",
            "!!binary",
            "a",
            "b",
            "~",
            "? ");

    Input.read(() -> new GreeterProperties("localhost:50051", "5s", config))
        .ifPresent(
            properties -> {
              var builder = InProcessChannelBuilder.forName("nobody");
              try {
                new ChannelConfiguration().serviceConfig(properties).accept(builder, "nobody");
                builder.build().shutdownNow();
              } catch (IllegalStateException e) {
                // As Channels expects it.
              }
            });
  }
}
