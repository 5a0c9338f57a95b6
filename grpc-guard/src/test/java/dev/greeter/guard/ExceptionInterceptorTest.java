package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ThrowableProxy;
import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a handler's failure, for every kind of call. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
class ExceptionInterceptorTest {

  private static final Metadata.Key<String> DETAIL =
      Metadata.Key.of("detail", Metadata.ASCII_STRING_MARSHALLER);

  @RegisterExtension private final LogCapture log = new LogCapture();
  private final CallRecorder calls = new CallRecorder();
  private final MethodType kind;

  ExceptionInterceptorTest(MethodType kind) {
    this.kind = kind;
  }

  @Test
  void blamesTheCallerForAnIllegalArgument() throws Exception {
    var failure = new IllegalArgumentException("name must not be empty");
    for (var call : thrownAndAnswered(failure)) {
      assertThat(call.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(call.status().getDescription()).isEqualTo("name must not be empty");
    }
    assertThat(log.problems()).isEmpty();
  }

  @Test
  void passesOnAStatusWithItsTrailers() throws Exception {
    var trailers = new Metadata();
    trailers.put(DETAIL, "kept");
    var status = Status.NOT_FOUND.withDescription("No such name");
    assertPassedOn(status.asRuntimeException(trailers));
    assertPassedOn(status.asException(trailers));
  }

  private void assertPassedOn(Exception failure) throws Exception {
    for (var call : thrownAndAnswered(failure)) {
      assertThat(call.status().getCode()).isEqualTo(Code.NOT_FOUND);
      assertThat(call.status().getDescription()).isEqualTo("No such name");
      assertThat(call.trailers().get(DETAIL)).isEqualTo("kept");
    }
    assertThat(log.problems()).isEmpty();
  }

  @Test
  void passesOnAStatusWithoutTrailers() throws Exception {
    for (var call : thrownAndAnswered(Status.UNKNOWN.asRuntimeException())) {
      assertThat(call.status().getCode()).isEqualTo(Code.UNKNOWN);
      assertThat(call.trailers()).isNotNull();
    }
    assertThat(log.problems()).isEmpty();
  }

  @Test
  void keepsAnUnexpectedExceptionToTheLog() throws Exception {
    assertKeptToTheLog(new IllegalStateException("password of the database"));
  }

  @Test
  void keepsAnErrorToTheLog() throws Exception {
    assertKeptToTheLog(new AssertionError("password of the database"));
  }

  private void assertKeptToTheLog(Throwable failure) throws Exception {
    for (var call : thrownAndAnswered(failure)) {
      assertThat(call.status().getCode()).isEqualTo(Code.INTERNAL);
      assertThat(call.status().getDescription()).isEqualTo("Internal error");
      assertThat(call.trailers().toString()).doesNotContain("password");
    }
    assertThat(log.problems())
        .extracting(event -> ((ThrowableProxy) event.getThrowableProxy()).getThrowable())
        .as("one stack trace for each of the two calls")
        .containsExactly(failure, failure);
  }

  @Test
  void logsAFailureAfterTheEndWithoutClosingAgain() throws Exception {
    var failure = new IllegalStateException("after the end");
    var call =
        call(
            (text, responses) -> {
              responses.onNext(text);
              responses.onCompleted();
              throw failure;
            });
    assertThat(call.status().getCode()).isEqualTo(Code.OK);
    assertThat(call.messages()).containsExactly("Ada");
    assertThat(calls.events()).containsOnlyOnce("close OK").doesNotContain("close INTERNAL");
    assertThat(log.problems()).hasSize(1);
  }

  /** Calls a handler that throws, and one that answers with {@code onError}. */
  private List<TestCall<String, String>> thrownAndAnswered(Throwable failure) throws Exception {
    return List.of(
        call((text, responses) -> ExceptionInterceptorTest.<RuntimeException>raise(failure)),
        call((text, responses) -> responses.onError(failure)));
  }

  private TestCall<String, String> call(BiConsumer<String, StreamObserver<String>> handler)
      throws Exception {
    var service = new TextService(handler);
    try (var grpc = new InProcessGrpc(service, calls, new ExceptionInterceptor())) {
      return TestCall.send(grpc.channel(), TextService.method(kind), new Metadata(), "Ada");
    }
  }

  /** Throws a checked exception where none is declared, as a handler in Kotlin may. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void raise(Throwable failure) throws T {
    throw (T) failure;
  }
}
