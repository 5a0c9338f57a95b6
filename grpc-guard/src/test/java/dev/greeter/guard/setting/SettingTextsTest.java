package dev.greeter.guard.setting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Texts;
import io.grpc.Metadata;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** Any text as the value of a setting: it is refused in a way that can be read, or works. */
class SettingTextsTest {

  @Test
  void areNamesOfHeadersThatGrpcTakes() {
    Texts.check(
        text -> {
          if (accepts(text, InvalidSettingException::checkHeader)) {
            assertThat(key(text).name()).isEqualToIgnoringCase(text);
          }
        },
        "x-marker",
        "grpc-",
        "-bin",
        "authorization",
        "Host",
        "_",
        ".",
        ":",
        "+");
  }

  @Test
  void areSecretsThatAHeaderBringsAsTheyAre() {
    var key = key("x-secret");
    Texts.check(
        text -> {
          if (accepts(text, InvalidSettingException::checkSecret)) {
            var headers = new Metadata();
            headers.put(key, text);
            assertThat(headers.get(key)).isEqualTo(text);
            assertThat(text.strip()).isEqualTo(text);
          }
        },
        "marker",
        " ",
        "~",
        "\"",
        "\\",
        "42");
  }

  @Test
  void areAddressesOfCollectors() {
    Texts.check(
        text -> {
          if (accepts(text, InvalidSettingException::checkHttpAddress)) {
            assertThat(URI.create(text).getHost()).isNotEmpty();
          }
        },
        "http",
        "https",
        ":",
        "//",
        "marker",
        "[::1]",
        "127.0.0.1",
        ":4317",
        ":99999",
        ":-1",
        "/path",
        "user@",
        "%",
        "?");
  }

  private static boolean accepts(String text, Check check) throws Exception {
    return Texts.isAccepted(
        InvalidSettingException.class, text, value -> check.of("greeter.some-setting", value));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private interface Check {
    void of(String setting, String value);
  }
}
