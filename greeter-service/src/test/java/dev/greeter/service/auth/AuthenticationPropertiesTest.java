package dev.greeter.service.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/** Which settings the check accepts, and what it says of those that it refuses. */
class AuthenticationPropertiesTest {

  private static final String MARKER = "marker-of-the-secret";

  @Nested
  class Header {

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "Authorization", "X-API-Key", "a", "x_1.y", "x-bin-x"})
    void isALegalName(String header) {
      assertThat(settings(header, MARKER).header()).isEqualTo(header);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n"})
    void isNotBlank(String header) {
      assertRefused(header, "is blank");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "connection",
          "content-length",
          "content-type",
          "host",
          "keep-alive",
          "proxy-connection",
          "te",
          "traceparent",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent",
          "grpc-",
          "grpc-timeout",
          "Content-Type",
          "GRPC-Timeout",
          "grpc-x-bin",
        })
    void isNotKeptByGrpc(String header) {
      assertRefused(header, "is a name that gRPC or tracing uses");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-bin", "X-BIN", "-bin"})
    void isNotBinary(String header) {
      assertRefused(header, "ends in -bin, as only headers with binary values do");
    }

    @ParameterizedTest
    @ValueSource(strings = {"not legal!", "x y", "x:y", ":path", "schlüssel", " x", "x ", "x\n"})
    void hasLegalCharactersOnly(String header) {
      assertRefused(header, "is not a legal header name");
    }

    private void assertRefused(String header, String problem) {
      assertFailure(
          failureOf(header, MARKER), "greeter.auth.header", "GREETER_AUTH_HEADER", problem);
    }
  }

  @Nested
  class Value {

    @ParameterizedTest
    @ValueSource(strings = {"42", "!", "~", "Open, Sesame? 42", "a  b"})
    void isPrintableAscii(String value) {
      assertThat(settings("authorization", value).value()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t", "\n"})
    void isNotBlank(String value) {
      assertRefused(value, "is blank");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"\n", "\r", "\t", "\0", "\u001F", "\u007F", "\u0080", "ü", "\u00A0", "🔑"})
    void hasNoCharacterThatAHeaderCannotCarry(String illegal) {
      String problem = "has a character that a gRPC header cannot carry";
      assertRefused(MARKER + illegal + MARKER, problem);
      assertRefused(MARKER + illegal, problem);
      assertRefused(illegal + MARKER, problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {" " + MARKER, MARKER + " ", " " + MARKER + " "})
    void hasNoBlankAtEitherEnd(String value) {
      assertRefused(value, "begins or ends with a blank, which may be lost on the way");
    }

    @ParameterizedTest
    @CsvSource({"42, true", "43, false", "'42.', false"})
    void isKnownToEverybodyIfItIsTheDemonstrationValue(String value, boolean known) {
      assertThat(settings("authorization", value).isDemonstrationValue()).isEqualTo(known);
    }

    @Test
    void isNotShown() {
      assertThat(settings("authorization", MARKER)).asString().contains("authorization", "health");
      assertThat(settings("authorization", MARKER)).asString().doesNotContain(MARKER);
    }

    private void assertRefused(String value, String problem) {
      var failure = failureOf("authorization", value);
      assertFailure(failure, "greeter.auth.value", "GREETER_AUTH_VALUE", problem);
    }
  }

  @Nested
  class PreviousValue {

    @Test
    void isAcceptedAfterTheValue() {
      assertThat(settings("new", "old").accepted()).containsExactly("new", "old");
    }

    @Test
    void needNotBe() {
      assertThat(settings("new", null).accepted()).containsExactly("new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " " + MARKER, MARKER + "\n"})
    void isHeldToTheRulesOfTheValue(String previous) {
      var failure =
          catchThrowableOfType(FailureAnalyzedException.class, () -> settings("new", previous));
      assertThat(failure.analysis().getDescription())
          .contains("greeter.auth.previous-value", "GREETER_AUTH_PREVIOUS_VALUE")
          .doesNotContain(MARKER);
    }

    @Test
    void isKnownToEverybodyIfItIsTheDemonstrationValue() {
      assertThat(settings("new", "42").isDemonstrationValue()).isTrue();
    }

    @Test
    void isNotShown() {
      assertThat(settings("new", MARKER)).asString().doesNotContain(MARKER);
    }

    private AuthenticationProperties settings(String value, @Nullable String previous) {
      return new AuthenticationProperties("authorization", value, previous, null, Set.of());
    }
  }

  @ParameterizedTest
  @CsvSource({"value, header", "header, value"})
  void asksForWhatIsMissing(String given, String missing) {
    var source = new MapConfigurationPropertySource(Map.of("greeter.auth." + given, "x"));
    var binder = new Binder(source);
    var failure =
        catchThrowableOfType(
            BindException.class, () -> binder.bind("greeter.auth", AuthenticationProperties.class));
    assertThat(failure)
        .rootCause()
        .hasMessageContaining("greeter.auth." + missing + " ")
        .hasMessageContaining("is blank");
  }

  private static void assertFailure(
      FailureAnalyzedException failure, String property, String variable, String problem) {
    assertThat(failure.analysis().getDescription())
        .isEqualTo("%s (environment variable %s) %s.", property, variable, problem);
    assertThat(failure.analysis().getAction()).startsWith("Set " + variable + " to ");
    assertThat(failure.getMessage() + failure.analysis().getAction()).doesNotContain(MARKER);
  }

  private static FailureAnalyzedException failureOf(String header, String value) {
    return catchThrowableOfType(FailureAnalyzedException.class, () -> settings(header, value));
  }

  private static AuthenticationProperties settings(String header, String value) {
    return new AuthenticationProperties(header, value, null, null, Set.of("health"));
  }
}
