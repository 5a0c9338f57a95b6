package dev.greeter.cli.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.error.InvalidSettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

/** The rules of the secret's settings: those of the service. */
class AuthenticationPropertiesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "grpc-status",
        "GRPC-foo",
        "content-type",
        "te",
        "traceparent",
        "x-bin",
        "no blanks",
        ":"
      })
  void refusesAHeaderThatGrpcCannotCarry(String header) {
    assertThatThrownBy(() -> new AuthenticationProperties(header, "42", null, false))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll("greeter.auth.header", "GREETER_AUTH_HEADER");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", " marker", "marker ", "mar\nker", "märker", "marker\u0000"})
  void refusesAValueThatGrpcCannotCarryWithoutShowingIt(String value) {
    assertThatThrownBy(() -> new AuthenticationProperties("authorization", value, null, false))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContainingAll("greeter.auth.value", "GREETER_AUTH_VALUE")
        .message()
        .doesNotContainIgnoringCase("marker")
        .doesNotContain("märker");
  }

  @Test
  void acceptsEveryPrintableCharacterOfAscii() {
    StringBuilder all = new StringBuilder();
    for (char c = '!'; c <= '~'; c++) {
      all.append(c).append(' ');
    }

    assertThatCode(() -> new AuthenticationProperties("X-Secret", all + "!", null, false))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a${x:b}c", "a${greeter.auth.value}", "a\\${x}b", "#{1+1}"})
  void takesTheValueAsItStands(String value) {
    var environment =
        new MockEnvironment()
            .withProperty("greeter.auth.header", "x-secret")
            .withProperty("greeter.auth.value", value);

    assertThat(AuthenticationProperties.from(environment).value()).isEqualTo(value);
  }

  @Test
  void hidesTheValue() {
    assertThat(
            new AuthenticationProperties("authorization", "marker-secret", null, false).toString())
        .contains("authorization")
        .doesNotContain("marker-secret");
  }
}
