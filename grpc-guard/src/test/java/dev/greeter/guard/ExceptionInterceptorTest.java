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
import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of a handler's failure, for every kind of call. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
class ExceptionInterceptorTest {

  private static final Metadata.Key<String> DETAIL =
      Metadata.Key.of("detail", Metadata.ASCII_STRING_MARSHALLER);

  @RegisterExtension private final LogCapture log = new LogCapture();
  private final CallRecorder calls = new CallRecorder();
  private final MethodType kind;
  private Function<Throwable, @Nullable Status> statusOf = failure -> null;

  ExceptionInterceptorTest(MethodType kind) {
    this.kind = kind;
  }

  static Stream<Status> statuses() {
    var cause = new IOException("of the database");
    return Stream.of(
        Status.NOT_FOUND.withDescription("No such name"),
        Status.DATA_LOSS.withDescription("The row cannot be read").withCause(cause),
        Status.UNKNOWN.withDescription("Nothing is known").withCause(cause),
        Status.UNKNOWN);
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void passesOnAStatusWithItsTrailers(Status status) throws Exception {
    var trailers = new Metadata();
    trailers.put(DETAIL, "kept");
    for (Exception failure :
        List.of(
            status.asRuntimeException(trailers),
            status.asException(trailers),
            status.asRuntimeException())) {
      for (var call : thrownAndAnswered(failure)) {
        assertThat(call.status().getCode()).isEqualTo(status.getCode());
        assertThat(call.status().getDescription()).isEqualTo(status.getDescription());
        assertThat(call.trailers().get(DETAIL))
            .isEqualTo(Status.trailersFromThrowable(failure) == null ? null : "kept");
      }
    }
    assertThat(log.problems()).isEmpty();
  }

  static Stream<Throwable> failures() {
    var trailers = new Metadata();
    trailers.put(DETAIL, "password of a service behind this one");
    return Stream.of(
        new IllegalStateException("password of the database"),
        new NumberFormatException("password of the database"),
        new AssertionError("password of the database"),
        new IllegalStateException(Status.OK.asRuntimeException(trailers)));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void keepsAnyOtherExceptionToTheLog(Throwable failure) throws Exception {
    assertInternal(throwing(failure));
    assertThat(log.problems())
        .extracting(event -> ((ThrowableProxy) event.getThrowableProxy()).getThrowable())
        .containsExactly(failure);
    if (failure.getCause() == null) {
      assertInternal(answering(failure));
      assertThat(log.problems()).hasSize(2);
    }
  }

  private static void assertInternal(TestCall<?, ?> call) {
    assertThat(call.status().getCode()).isEqualTo(Code.INTERNAL);
    assertThat(call.status().getDescription()).isEqualTo("Internal error");
    assertThat(call.trailers().toString()).doesNotContain("password");
  }

  @Test
  void asksTheFunctionForTheStatusOfAnException() throws Exception {
    statusOf =
        failure ->
            failure instanceof NumberFormatException
                ? Status.INVALID_ARGUMENT.withDescription("Not a number")
                : null;
    for (var call : thrownAndAnswered(new NumberFormatException("marker"))) {
      assertThat(call.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(call.status().getDescription()).isEqualTo("Not a number");
    }
    assertThat(log.problems()).isEmpty();

    for (var call : thrownAndAnswered(new IllegalStateException("password"))) {
      assertInternal(call);
    }
    assertThat(log.problems()).hasSize(2);
  }

  @Test
  void endsACallWhoseFunctionFails() throws Exception {
    statusOf =
        failure -> {
          throw new NullPointerException("of the function");
        };
    for (var call : thrownAndAnswered(new IllegalStateException("password"))) {
      assertInternal(call);
    }
    assertThat(log.problems())
        .hasSize(2)
        .allMatch(event -> event.getThrowableProxy().getSuppressed().length > 0);
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

  private List<TestCall<String, String>> thrownAndAnswered(Throwable failure) throws Exception {
    return List.of(throwing(failure), answering(failure));
  }

  private TestCall<String, String> throwing(Throwable failure) throws Exception {
    return call((text, responses) -> ExceptionInterceptorTest.<RuntimeException>raise(failure));
  }

  private TestCall<String, String> answering(Throwable failure) throws Exception {
    return call((text, responses) -> responses.onError(failure));
  }

  private TestCall<String, String> call(BiConsumer<String, StreamObserver<String>> handler)
      throws Exception {
    var service = new TextService(handler);
    try (var grpc = new InProcessGrpc(service, calls, new ExceptionInterceptor(statusOf))) {
      return TestCall.send(grpc.channel(), TextService.method(kind), new Metadata(), "Ada");
    }
  }

  /** Throws a checked exception where none is declared, as a handler in Kotlin may. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void raise(Throwable failure) throws T {
    throw (T) failure;
  }
}
