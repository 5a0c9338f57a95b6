package dev.greeter.guard;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a streaming handler still gets to see once its call has failed. */
class ClosedCallTest {

  @RegisterExtension private final LogCapture log = new LogCapture();
  private final CallRecorder calls = new CallRecorder();
  private final PickyHandler handler = new PickyHandler();

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(handler, calls, new ExceptionInterceptor(failure -> null));

  private final TestCall<String, String> call =
      TestCall.open(grpc.channel(), PickyHandler.METHOD, CallOptions.DEFAULT, new Metadata())
          .take(10);

  @Test
  void deliversNothingButTheEndAfterARefusedMessage() {
    call.send("good").send("bad").send("late").halfClose();
    handler.takeAll();

    assertThat(call.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(call.status().getDescription()).isEqualTo("bad is refused");
    assertThat(call.messages()).containsExactly("good");
    assertThat(handler.events).containsExactly("good", "bad", "closed");
  }

  @Test
  void closesOnceAndLogsNothingIfAHalfCloseFollowsARefusedMessage() {
    call.send("bad").halfClose();
    handler.takeAll();

    assertThat(calls.events())
        .as("the half-close has come, after the end")
        .containsExactly("start", "message", "close INVALID_ARGUMENT", "half-close", "complete");
    assertThat(log.problems()).isEmpty();
  }

  @Test
  void takesNoSecondEndFromTheHandler() {
    call.send("bad");
    handler.takeAll();
    handler.complete();

    assertThat(call.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(calls.events())
        .containsOnlyOnce("close INVALID_ARGUMENT")
        .doesNotContain("close OK");
  }

  @Test
  void logsAnExceptionOnceThatIsAnsweredAndThrown() {
    call.send("broken");
    handler.takeAll();

    assertThat(call.status().getCode()).isEqualTo(Code.INTERNAL);
    assertThat(log.problems()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"bad, 0", "broken, 1"})
  void logsAFailureAfterTheEndAndNoStatus(String message, int problems) {
    handler.endsBefore = true;
    call.send(message);
    handler.takeAll();

    assertThat(call.status().getCode()).isEqualTo(Code.OK);
    assertThat(log.problems()).hasSize(problems);
  }

  @Test
  void answersAFailureBeforeTheFirstMessage() {
    handler.failsAtOnce = true;
    var failed =
        TestCall.open(grpc.channel(), PickyHandler.METHOD, CallOptions.DEFAULT, new Metadata());

    assertThat(failed.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failed.status().getDescription()).isEqualTo("nothing is accepted");
  }

  @Test
  void showsTheHandlerThatTheClientHasCancelled() {
    call.send("good");
    handler.takeAll();
    call.cancel();

    assertThat(call.status().getCode()).isEqualTo(Code.CANCELLED);
    assertThat(handler.events).containsExactly("good", "cancelled");
    assertThat(log.problems()).isEmpty();
  }

  /** Reads on demand, answers what it reads, and throws at "bad" and "broken". */
  private static final class PickyHandler implements BindableService {

    static final MethodDescriptor<String, String> METHOD =
        TextService.method(MethodType.BIDI_STREAMING);

    final List<String> events = new ArrayList<>();
    boolean failsAtOnce;
    boolean endsBefore;
    private @Nullable ServerCallStreamObserver<String> responses;

    @Override
    public ServerServiceDefinition bindService() {
      return ServerServiceDefinition.builder(TextService.NAME)
          .addMethod(METHOD, ServerCalls.asyncBidiStreamingCall(this::talk))
          .build();
    }

    void complete() {
      requireNonNull(responses).onCompleted();
    }

    void takeAll() {
      requireNonNull(responses).request(10);
    }

    private static StatusRuntimeException refusal(String text) {
      return Status.INVALID_ARGUMENT.withDescription(text).asRuntimeException();
    }

    private StreamObserver<String> talk(StreamObserver<String> observer) {
      if (failsAtOnce) {
        throw refusal("nothing is accepted");
      }
      responses = (ServerCallStreamObserver<String>) observer;
      responses.disableAutoRequest();
      responses.setOnCloseHandler(() -> events.add("closed"));
      return new StreamObserver<>() {
        @Override
        public void onNext(String request) {
          events.add(request);
          if (endsBefore) {
            observer.onCompleted();
          }
          if (request.equals("bad")) {
            throw refusal("bad is refused");
          }
          if (request.equals("broken")) {
            var failure = new IllegalStateException("broken");
            if (!endsBefore) {
              observer.onError(failure);
            }
            throw failure;
          }
          observer.onNext(request);
        }

        @Override
        public void onError(Throwable cancelled) {
          events.add("cancelled");
        }

        @Override
        public void onCompleted() {
          events.add("completed");
          observer.onCompleted();
        }
      };
    }
  }
}
