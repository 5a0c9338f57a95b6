package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import dev.greeter.cli.error.CallException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of a call that the service puts off. */
class CallFailureTest {

  private static final Target TARGET =
      new Target(HostAndPort.fromString("there:1"), Duration.ofSeconds(5), List.of(), false);

  @ParameterizedTest
  @CsvSource({"20, 0, 20", "0, 1000000, 1", "1, 1, 2", "59, 999999999, 60"})
  void saysInHowManySecondsToTryAgain(long seconds, int nanos, long told) {
    CallException failure = failure(Code.RESOURCE_EXHAUSTED, delay(seconds, nanos));

    assertThat(failure)
        .hasMessage(
            "The service at there:1 takes no call for now: Too much\nTry again in %d s.", told);
    assertThat(failure.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void findsTheDelayAmongOtherDetails() {
    assertThat(
            failure(
                Code.RESOURCE_EXHAUSTED, Any.pack(BadRequest.getDefaultInstance()), delay(3, 0)))
        .hasMessageEndingWith("Try again in 3 s.");
  }

  @Test
  void findsTheDelayOfACallThatWasNotWaitedFor() {
    var cause = StatusProto.toStatusRuntimeException(status(Code.RESOURCE_EXHAUSTED, delay(3, 0)));

    assertThat(CallFailure.of(new ExecutionException(cause), TARGET))
        .hasMessageEndingWith("Try again in 3 s.");
  }

  @Test
  void saysNoTimeIfTheServiceNamesNone() {
    assertUntimed(failure(Code.RESOURCE_EXHAUSTED));
    assertUntimed(failure(Code.RESOURCE_EXHAUSTED, Any.pack(BadRequest.getDefaultInstance())));
    assertUntimed(failure(Code.RESOURCE_EXHAUSTED, delay(0, 0)));
    assertUntimed(failure(Code.RESOURCE_EXHAUSTED, delay(-5, 0)));
  }

  @Test
  void saysNoTimeIfTheServiceNamesItIllegibly() {
    var broken = delay(3, 0).toBuilder().setValue(ByteString.copyFromUtf8("\n\u007F")).build();
    assertUntimed(failure(Code.RESOURCE_EXHAUSTED, broken));

    var trailers = new Metadata();
    trailers.put(
        Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER),
        new byte[] {10, 127});
    var failure = Status.RESOURCE_EXHAUSTED.withDescription("Too much").asException(trailers);
    assertUntimed(CallFailure.of(failure, TARGET));
  }

  @ParameterizedTest
  @CsvSource({
    "999999999999999, 0",
    "9223372036854775807, 1",
    "-9223372036854775808, -1",
    "5, -7",
    "-5, 7",
    "5, 2147483647"
  })
  void saysNoTimeIfTheServiceNamesOneThatThereIsNot(long seconds, int nanos) {
    Any delay = delay(seconds, nanos);
    CallException failure = failure(Code.RESOURCE_EXHAUSTED, delay);

    assertUntimed(failure);
    assertThat(failure.details())
        .isEqualTo(Map.of("details", List.of(Map.of("@type", delay.getTypeUrl()))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "//", "nothing", "/google.protobuf.Duration", "x/a\u200eb"})
  void namesTheTypeOfADetailThatCannotBeShown(String type) {
    var value = com.google.protobuf.Duration.newBuilder().setNanos(-1).setSeconds(1).build();
    Any detail = Any.pack(value).toBuilder().setTypeUrl(type).build();

    assertThat(failure(Code.NOT_FOUND, detail).details())
        .isEqualTo(Map.of("details", List.of(Map.of("@type", type))));
  }

  @Test
  void saysNothingElseOfOtherFailures() {
    assertThat(failure(Code.INVALID_ARGUMENT, delay(3, 0)))
        .hasMessageContaining("refused the request: Too much")
        .hasMessageNotContaining("Try again");
  }

  private static void assertUntimed(CallException failure) {
    assertThat(failure)
        .hasMessageContaining("failed with RESOURCE_EXHAUSTED: Too much")
        .hasMessageNotContaining("Try again");
  }

  private static CallException failure(Code code, Any... details) {
    return CallFailure.of(StatusProto.toStatusException(status(code, details)), TARGET);
  }

  private static com.google.rpc.Status status(Code code, Any... details) {
    var status =
        com.google.rpc.Status.newBuilder().setCode(code.getNumber()).setMessage("Too much");
    for (Any detail : details) {
      status.addDetails(detail);
    }
    return status.build();
  }

  private static Any delay(long seconds, int nanos) {
    var delay = com.google.protobuf.Duration.newBuilder().setSeconds(seconds).setNanos(nanos);
    return Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build());
  }
}
