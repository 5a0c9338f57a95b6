package dev.greeter.guard;

import static dev.greeter.guard.InvalidSettingException.checkHeader;
import static dev.greeter.guard.InvalidSettingException.checkSecret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Any value of a setting is either refused without being shown, or works. */
class SettingFuzzTest {

  private static final String SETTING = "greeter.setting";

  @Property
  void transmitsTextInAcceptedHeaders(Input input) {
    String name = input.text("grpc-", "-bin", "-", "x-secret", "Host", "TE", "traceparent");

    if (Input.accepts(() -> checkHeader(SETTING, name))) {
      assertThat(received(name, "text")).isEqualTo("text");
      assertThat(name).doesNotStartWithIgnoringCase("grpc-");
      assertThat(name.toLowerCase(Locale.ROOT)).isNotIn("host", "te", "traceparent");
    }
  }

  @Property
  void transmitsAcceptedSecretsVerbatim(Input input) {
    String secret = input.text("s3cret", "=", "~", "!");

    if (Input.accepts(() -> checkSecret(SETTING, secret))) {
      assertThat(received("authorization", secret)).isEqualTo(secret);
      assertThat(secret).isPrintable().isEqualTo(secret.strip());
    }
  }

  @Property
  void namesArbitrarySettingInMessage(Input input) {
    String setting = input.text(".", "-", "%s", "%", "$1", "\\");
    var refused = InvalidSettingException.isNot(setting, input.text("%s", "$"));

    assertThat(refused).hasMessageStartingWith(setting);
    assertThat(refused.withPrefix("a.b").action())
        .startsWith("Set A_B")
        .endsWith(" to " + refused.problem().substring("is not ".length()) + ".");
  }

  private static @Nullable String received(String header, String value) {
    var headers = new Metadata();
    var key = Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
    headers.put(key, value);
    return InternalMetadata.newMetadata(InternalMetadata.serialize(headers)).get(key);
  }
}
