package dev.greeter.guard.setting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which settings are accepted, and what is said of those that are refused. */
class InvalidSettingExceptionTest {

  private static final String MARKER = "marker-of-the-secret";

  @Nested
  class Header {

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "Authorization", "X-API-Key", "a", "x_1.y", "x-bin-x"})
    void isALegalName(String header) {
      assertAccepted(() -> check(header));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "\t\n"})
    void isNotBlank(@Nullable String header) {
      assertRefused(header, "is blank");
    }

    @Test
    void isNotKeptByGrpc() {
      String reserved =
          "connection content-length content-type host keep-alive proxy-connection te traceparent"
              + " tracestate trailer transfer-encoding upgrade user-agent Content-Type"
              + " grpc- grpc-status grpc-timeout GRPC-foo GRPC-Timeout grpc-x-bin";
      for (String header : reserved.split(" ")) {
        assertRefused(header, "is a name that gRPC or tracing uses");
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-bin", "X-BIN", "-bin"})
    void isNotBinary(String header) {
      assertRefused(header, "ends in -bin, as only headers with binary values do");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"not legal!", "x y", "x:y", ":", ":path", "schl\u00fcssel", " x", "x ", "x\n"})
    void hasLegalCharactersOnly(String header) {
      assertRefused(header, "is not a legal header name");
    }

    @Test
    void isNotShownSinceTheSecretMayStandInItsPlace() {
      assertRefused(MARKER + "!", "is not a legal header name");
    }

    private void assertRefused(@Nullable String header, String problem) {
      assertFailure(
          () -> check(header),
          "greeter.auth.header (environment variable GREETER_AUTH_HEADER) " + problem + ".",
          "Set GREETER_AUTH_HEADER to a header name of letters, digits, '-', '_' and '.',"
              + " such as authorization.");
    }

    private static void check(@Nullable String header) {
      InvalidSettingException.checkHeader("greeter.auth.header", header);
    }
  }

  @Nested
  class Secret {

    @ParameterizedTest
    @ValueSource(strings = {"42", "Open, Sesame? 42", "a  b", "a${x:b}c", "a\\${x}b", "#{1+1}"})
    void isPrintableAsciiAndTakenVerbatim(String value) {
      assertThat(check(value)).isEqualTo(value);
    }

    @Test
    void mayHaveEveryPrintableCharacterOfAscii() {
      var all = new StringBuilder();
      for (char c = '!'; c <= '~'; c++) {
        all.append(c).append(' ');
      }
      assertThat(check(all + "!")).isEqualTo(all + "!");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "  ", "\t", "\n"})
    void isNotBlank(@Nullable String value) {
      assertRefused(value, "is blank");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"\n", "\r", "\t", "\0", "\u001F", "\u007F", "\u0080", "\u00fc", "\uD83D\uDD11"})
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

    @Test
    void isNoLongerThanAHeaderCanBe() {
      check(MARKER.repeat(1_000).substring(0, 4_096));
      assertRefused(
          MARKER.repeat(1_000).substring(0, 4_097),
          "has more than 4,096 characters: the limit of all"
              + " headers of a call is 8 KB in gRPC");
    }

    private void assertRefused(@Nullable String value, String problem) {
      assertFailure(
          () -> check(value),
          "greeter.auth.value (environment variable GREETER_AUTH_VALUE) " + problem + ".",
          "Set GREETER_AUTH_VALUE to the shared secret: printable ASCII characters, with no blank"
              + " at either end.");
    }

    private static String check(@Nullable String value) {
      return InvalidSettingException.checkSecret("greeter.auth.value", value);
    }
  }

  @Nested
  class Amount {

    @ParameterizedTest
    @CsvSource({"1, true", "10, true", "0, false", "11, false"})
    void isANumberWithinItsRange(int value, boolean accepted) {
      assertAcceptedOrNot(
          accepted,
          () -> InvalidSettingException.checkNumber("test.amount", value, 1, 10),
          "a whole number from 1 to 10");
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2147483647, true", "0, false", "-1, false"})
    void isANumberAboveNothing(int value, boolean accepted) {
      assertAcceptedOrNot(
          accepted,
          () -> InvalidSettingException.checkPositive("test.amount", value),
          "a whole number above 0");
    }

    @ParameterizedTest
    @CsvSource({
      "PT0.01S, true",
      "P1D, true",
      "PT0.009999999S, false",
      "P1DT0.000000001S, false",
      "PT-1S, false"
    })
    void isADurationOfADayAtMost(Duration value, boolean accepted) {
      assertAcceptedOrNot(
          accepted,
          () -> InvalidSettingException.checkDuration("test.amount", value, Duration.ofMillis(10)),
          "a duration from 10 ms to one day, such as 10s");
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2147483646, true", "0, false", "2147483647, false", "-1, false"})
    void isASizeThatGrpcCanCount(long bytes, boolean accepted) {
      assertAcceptedOrNot(
          accepted,
          () -> InvalidSettingException.checkSize("test.amount", bytes),
          "a size below 2GB, such as 64KB");
    }

    private void assertAcceptedOrNot(boolean accepted, ThrowingCallable check, String wanted) {
      if (accepted) {
        assertAccepted(check);
      } else {
        assertFailure(
            check,
            "test.amount (environment variable TEST_AMOUNT) is not " + wanted + ".",
            "Set TEST_AMOUNT to " + wanted + ".");
      }
    }
  }

  @Nested
  class CollectorAddress {

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:4317", "https://a.example", "http://[::1]:65535/v1"})
    void isOneOfHttp(String address) {
      assertAccepted(() -> check(address));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "localhost:4317",
          "ftp://" + MARKER,
          "//" + MARKER,
          "http://",
          "http://" + MARKER + ":65536",
          "http://" + MARKER + " x",
        })
    void isNothingElseAndNotShown(String address) {
      assertFailure(
          () -> check(address),
          "test.collector (environment variable TEST_COLLECTOR) is not the address of a collector.",
          "Set TEST_COLLECTOR to one with http or https, such as http://localhost:4317.");
    }

    private static void check(String address) {
      InvalidSettingException.checkHttpAddress("test.collector", address);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "max-addresses, greeter.rate-limit.max-addresses, GREETER_RATE_LIMIT_MAX_ADDRESSES",
    "'', greeter.rate-limit, GREETER_RATE_LIMIT",
  })
  void isSaidOfThePartOfASetting(String part, String setting, String variable) {
    var failure = new InvalidSettingException(part, "is not set", "a number");

    assertThat(failure).hasMessage(part + " is not set.");
    assertThat(failure.under("greeter.rate-limit"))
        .hasMessage("%s (environment variable %s) is not set.", setting, variable);
    assertThat(failure.under("greeter.rate-limit").action())
        .isEqualTo("Set %s to a number.", variable);
    assertThat(failure.under("greeter.rate-limit").problem()).isEqualTo("is not set");
  }

  private static void assertAccepted(ThrowingCallable check) {
    assertThatCode(check).doesNotThrowAnyException();
  }

  private static void assertFailure(ThrowingCallable check, String message, String action) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(check)
        .withMessage(message)
        .withNoCause()
        .satisfies(
            e -> {
              assertThat(e.action()).isEqualTo(action);
              assertThat(e.getMessage() + e.action()).doesNotContain(MARKER);
            });
  }

  @Test
  void saysWhatCanBeSetByTheType() {
    assertThat(InvalidSettingException.wanted(RetentionPolicy.class))
        .isEqualTo("one of [source, class, runtime]");
    assertThat(InvalidSettingException.wanted(Duration.class)).isEqualTo("a duration such as 10s");
    assertThat(InvalidSettingException.wanted(boolean.class)).isEqualTo("true or false");
    assertThat(InvalidSettingException.wanted(Boolean.class)).isEqualTo("true or false");
    assertThat(InvalidSettingException.wanted(int.class)).isEqualTo("a whole number");
    assertThat(InvalidSettingException.wanted(String.class)).isEqualTo("a legal value");
  }
}
