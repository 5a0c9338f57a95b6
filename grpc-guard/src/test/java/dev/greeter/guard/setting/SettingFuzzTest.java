package dev.greeter.guard.setting;

import static dev.greeter.guard.setting.InvalidSettingException.checkDuration;
import static dev.greeter.guard.setting.InvalidSettingException.checkHeader;
import static dev.greeter.guard.setting.InvalidSettingException.checkHttpAddress;
import static dev.greeter.guard.setting.InvalidSettingException.checkNumber;
import static dev.greeter.guard.setting.InvalidSettingException.checkPositive;
import static dev.greeter.guard.setting.InvalidSettingException.checkSecret;
import static dev.greeter.guard.setting.InvalidSettingException.checkSize;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import java.net.URI;
import java.time.Duration;

/** Of whatever a setting is set to: it is refused without being shown, or it works. */
class SettingFuzzTest {

  private static final String SETTING = "greeter.setting";

  @Property
  void aHeaderThatIsAcceptedCarriesText(Input input) {
    String name = input.text("grpc-", "-bin", "-", "x-secret", "Host", "TE", "traceparent");

    if (Input.accepts(() -> checkHeader(SETTING, name))) {
      var headers = new Metadata();
      var key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
      headers.put(key, "text");
      var received = InternalMetadata.newMetadata(InternalMetadata.serialize(headers));
      assertThat(received.get(key)).isEqualTo("text");
      assertThat(key.name()).doesNotStartWith("grpc-").isNotIn("host", "te", "traceparent");
    }
  }

  @Property
  void aSecretThatIsAcceptedArrivesAsItIs(Input input) {
    String secret = input.text("s3cret", "=", "~", "!");

    if (Input.accepts(() -> checkSecret(SETTING, secret))) {
      var headers = new Metadata();
      var key = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
      headers.put(key, secret);
      var received = InternalMetadata.newMetadata(InternalMetadata.serialize(headers));
      assertThat(received.get(key)).isEqualTo(secret);
      assertThat(secret).isPrintable().isEqualTo(secret.strip());
    }
  }

  @Property
  void anAddressThatIsAcceptedHasAHost(Input input) {
    String address =
        input.text("http", "https", "://", "collector", "[::1]", "@", ":4317", "/", "%", "65536");

    if (Input.accepts(() -> checkHttpAddress(SETTING, address))) {
      assertThat(URI.create(address).getHost()).isNotEmpty();
    }
  }

  @Property
  void aNumberIsAcceptedInItsRange(Input input) {
    int value = (int) input.number();
    int least = (int) input.number();
    int most = (int) input.number();

    assertThat(Input.accepts(() -> checkNumber(SETTING, value, least, most)))
        .isEqualTo(least <= value && value <= most);
    assertThat(Input.accepts(() -> checkPositive(SETTING, value))).isEqualTo(value > 0);
  }

  @Property
  void aDurationIsAcceptedUpToADay(Input input) {
    // Most of all durations are longer than a day.
    Duration value = Duration.ofSeconds(input.number() >> input.below(64), input.number());
    Duration least = Duration.ofMillis(input.below(256));

    assertThat(Input.accepts(() -> checkDuration(SETTING, value, least)))
        .isEqualTo(value.compareTo(least) >= 0 && value.compareTo(Duration.ofDays(1)) <= 0);
  }

  @Property
  void aSizeIsAcceptedIfItFitsIntoAnInt(Input input) {
    long bytes = input.number() >> input.below(64);

    assertThat(Input.accepts(() -> checkSize(SETTING, bytes)))
        .isEqualTo(bytes > 0 && bytes < Integer.MAX_VALUE);
  }

  @Property
  void aRefusalNamesWhateverSetting(Input input) {
    String setting = input.text(".", "-", "%s", "%", "$1", "\\");
    var refused = InvalidSettingException.isNot(setting, input.text("%s", "$"));

    assertThat(refused).hasMessageStartingWith(setting);
    assertThat(refused.under("a.b").action())
        .startsWith("Set A_B")
        .endsWith(" to " + refused.problem().substring("is not ".length()) + ".");
  }
}
