package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.fixture.Texts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Any text as an address, a duration, a header and a service config. */
class CallTextsTest {

  @Test
  void areAddressesThatReadTheSameAgain() {
    Texts.check(
        text -> {
          if (Texts.isAccepted(IllegalArgumentException.class, text, Targets::parseServer)) {
            HostAndPort address = Targets.parseServer(text);
            assertThat(Targets.parseServer(address.toString())).isEqualTo(address);
            NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext();
          }
        },
        "localhost",
        "marker",
        ":50051",
        ":0",
        ":99999",
        "[",
        "::1",
        "]",
        "127.0.0.1",
        "%eth0",
        "/",
        "@",
        "-");
  }

  @Test
  void areDurationsAboveZero() {
    Texts.check(
        text -> {
          if (Texts.isAccepted(IllegalArgumentException.class, text, Targets::parseTimeout)) {
            assertThat(Targets.parseTimeout(text)).isPositive();
            assertThat(Targets.parseTimeout(text).toNanos()).isPositive();
          }
        },
        "1",
        "30",
        "ms",
        "s",
        "m",
        "h",
        "d",
        "us",
        "ns",
        "P1D",
        "PT1S",
        "-",
        "+",
        ".5",
        "9223372036854775807",
        "marker");
  }

  @Test
  void areHeadersOrRefused() {
    var defaults = new GreeterProperties("localhost:50051", "5s", "{}");
    var targets = new Targets(defaults, new AuthenticationProperties("authorization", null, false));
    Texts.check(
        text ->
            Texts.isAccepted(
                UsageException.class, text, header -> targets.of(null, null, List.of(header))),
        "x-trial",
        ":",
        " ",
        "1",
        "Authorization",
        "grpc-timeout",
        "-bin",
        "te");
  }

  @Test
  void areServiceConfigsOrRefused() {
    Texts.check(
        text -> {
          if (Texts.isAccepted(IllegalArgumentException.class, text, ChannelConfiguration::parse)) {
            ChannelConfiguration.parse(text);
          }
        },
        "{",
        "}",
        "[",
        "]",
        "\"methodConfig\"",
        "methodConfig",
        ":",
        ": ",
        ",",
        "- ",
        "\n",
        "  ",
        "1",
        "&a",
        "*a",
        "!!java.net.URL",
        "|",
        "marker");
  }
}
