package dev.greeter.guard;

import static dev.greeter.guard.InvalidSettingException.checkDuration;
import static dev.greeter.guard.InvalidSettingException.checkHeader;
import static dev.greeter.guard.InvalidSettingException.checkNumber;
import static dev.greeter.guard.InvalidSettingException.checkPositive;
import static dev.greeter.guard.InvalidSettingException.checkSecret;
import static dev.greeter.guard.InvalidSettingException.checkSize;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.greeter.guard.fixture.Input;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which settings are accepted, and how others are refused. */
class InvalidSettingExceptionTest {

  @Test
  void acceptsValidHeadersAndSecrets() {
    for (String header : List.of("authorization", "X-API-Key", "a", "x_1.y", "x-bin-x")) {
      checkHeader("test.header", header);
    }
    String all =
        IntStream.rangeClosed('!', '~').mapToObj(Character::toString).collect(joining(" "));
    assertThat(checkSecret("test.secret", all)).isEqualTo(all);
    assertThat(checkSecret("test.secret", "m".repeat(4_096))).hasSize(4_096);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        " | is blank",
        "'' | is blank",
        "'\t ' | is blank",
        "x-bin | ends in -bin, which is reserved for binary values",
        "X-BIN | ends in -bin, which is reserved for binary values",
        Input.MARKER + "! | is not a legal header name",
        "x y | is not a legal header name",
        ":path | is not a legal header name",
        "schl\u00fcssel | is not a legal header name",
        "' x' | is not a legal header name",
        "grpc-x-bin | is a name that gRPC or tracing uses",
        "GRPC-foo | is a name that gRPC or tracing uses",
        "Content-Type | is a name that gRPC or tracing uses",
      })
  void rejectsInvalidHeaders(@Nullable String header, String problem) {
    assertHeaderRefused(header, problem);
  }

  @Test
  void rejectsReservedHeaders() {
    String reserved =
        "connection content-length content-type host keep-alive proxy-connection te traceparent"
            + " tracestate trailer transfer-encoding upgrade user-agent";
    for (String header : reserved.split(" ")) {
      assertHeaderRefused(header, "is a name that gRPC or tracing uses");
    }
  }

  @Test
  void rejectsSecretsInvalidInHeaders() {
    for (String blank : new String[] {null, "", " ", "\t\n"}) {
      assertSecretRefused(blank, "is blank");
    }
    String problem = "has a character that a gRPC header cannot carry";
    for (String illegal : "\n \r \t \0 \u001F \u007F \u0080 \u00fc \uD83D\uDD11".split(" ")) {
      assertSecretRefused(Input.MARKER + illegal, problem);
      assertSecretRefused(illegal + Input.MARKER, problem);
    }
  }

  @Test
  void rejectsPaddedAndOverlongSecrets() {
    String problem = "starts or ends with a blank, which may be lost in transit";
    assertSecretRefused(" " + Input.MARKER, problem);
    assertSecretRefused(Input.MARKER + " ", problem);
    assertSecretRefused(
        Input.MARKER.repeat(1_000).substring(0, 4_097),
        "has more than 4,096 characters: gRPC limits all headers of a call to 8 KB");
  }

  @Test
  void enforcesLimitsOfNumbersSizesAndDurations() {
    assertLimits(
        (Integer value) -> checkNumber("test.amount", value, 1, 10),
        "a whole number from 1 to 10",
        List.of(1, 10),
        List.of(0, 11));
    assertLimits(
        (Integer value) -> checkPositive("test.amount", value),
        "a whole number above 0",
        List.of(1, Integer.MAX_VALUE),
        List.of(0, -1));
    assertLimits(
        (Long value) -> checkSize("test.amount", value),
        "a size below 2GB, such as 64KB",
        List.of(1L, Integer.MAX_VALUE - 1L),
        List.of(0L, -1L, (long) Integer.MAX_VALUE));
    Duration least = Duration.ofMillis(10);
    Duration most = Duration.ofDays(1);
    assertLimits(
        (Duration value) -> checkDuration("test.amount", value, least),
        "a duration from 10 ms to one day, such as 10s",
        List.of(least, most),
        List.of(least.minusNanos(1), most.plusNanos(1), least.negated()));
  }

  @ParameterizedTest
  @CsvSource({
    "max-addresses, greeter.rate-limit.max-addresses, GREETER_RATE_LIMIT_MAX_ADDRESSES",
    "'', greeter.rate-limit, GREETER_RATE_LIMIT",
  })
  void addsPrefixAndVariableName(String part, String setting, String variable) {
    var failure = new InvalidSettingException(part, "is not set", "a number");

    assertThat(failure).hasMessage(part + " is not set.");
    assertThat(failure.withPrefix("greeter.rate-limit"))
        .hasMessage("%s (environment variable %s) is not set.", setting, variable)
        .returns("Set %s to a number.".formatted(variable), InvalidSettingException::action)
        .returns("is not set", InvalidSettingException::problem);
  }

  private static void assertHeaderRefused(@Nullable String header, String problem) {
    assertRefused(
        () -> checkHeader("test.header", header),
        "test.header (environment variable TEST_HEADER) " + problem + ".",
        "Set TEST_HEADER to a header name of letters, digits, '-', '_' and '.', such as"
            + " authorization.");
  }

  private static void assertSecretRefused(@Nullable String value, String problem) {
    assertRefused(
        () -> checkSecret("test.secret", value),
        "test.secret (environment variable TEST_SECRET) " + problem + ".",
        "Set TEST_SECRET to the shared secret: printable ASCII characters, with no blank at either"
            + " end.");
  }

  private static <T> void assertLimits(
      Consumer<T> check, String wanted, List<T> accepted, List<T> refused) {
    accepted.forEach(check);
    for (T value : refused) {
      assertRefused(
          () -> check.accept(value),
          "test.amount (environment variable TEST_AMOUNT) is not " + wanted + ".",
          "Set TEST_AMOUNT to " + wanted + ".");
    }
  }

  private static void assertRefused(ThrowingCallable check, String message, String action) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(check)
        .withMessage(message)
        .withNoCause()
        .satisfies(
            e -> {
              assertThat(e.action()).isEqualTo(action);
              Input.assertHidden(e.getMessage() + e.action());
            });
  }
}
