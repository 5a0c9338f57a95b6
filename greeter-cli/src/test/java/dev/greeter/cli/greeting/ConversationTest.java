package dev.greeter.cli.greeting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.HostAndPort;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.error.CallException;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.convert.DurationStyle;

/** A conversation with services that do not behave. */
class ConversationTest {

  private @Nullable Server server;
  private @Nullable ManagedChannel channel;

  @AfterEach
  void disconnect() {
    if (channel != null) {
      channel.shutdownNow();
    }
    if (server != null) {
      server.shutdownNow();
    }
  }

  @Test
  void failsIfTheServiceEndsItBeforeItAnswers() throws Exception {
    try (Conversation conversation = open(answers -> onName(answers::onCompleted), "5s")) {
      assertThatThrownBy(() -> conversation.say("Ada"))
          .isInstanceOf(CallException.class)
          .hasMessageContaining("ended the conversation before it answered");
    }
  }

  @Test
  void showsNoControlCharactersOfAFailure() throws Exception {
    Status status = Status.INTERNAL.withDescription("\033[2J");
    try (Conversation conversation =
        open(answers -> onName(() -> answers.onError(status.asException())), "5s")) {
      assertThatThrownBy(() -> conversation.say("Ada"))
          .hasMessageContaining("\\u001b[2J")
          .hasMessageNotContaining("\033");
    }
  }

  @Test
  void failsWithTheStatusOfTheService() throws Exception {
    Status status = Status.RESOURCE_EXHAUSTED.withDescription("too many names");
    try (Conversation conversation =
        open(answers -> onName(() -> answers.onError(status.asException())), "5s")) {
      assertThatThrownBy(() -> conversation.say("Ada"))
          .isInstanceOfSatisfying(
              CallException.class,
              e -> assertThat(e.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
          .hasMessageContainingAll("RESOURCE_EXHAUSTED", "too many names");
    }
  }

  @Test
  void givesAnAnswerThatDoesNotComeUpAndCancelsTheCall() throws Exception {
    var cancelled = new CountDownLatch(1);
    Conversation conversation =
        open(
            answers -> {
              ((ServerCallStreamObserver<?>) answers).setOnCancelHandler(cancelled::countDown);
              return onName(() -> {});
            },
            "100ms");
    try (conversation) {
      assertThatThrownBy(() -> conversation.say("Ada"))
          .isInstanceOfSatisfying(
              CallException.class,
              e -> assertThat(e.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void doesNotWaitForeverForTheEnd() throws Exception {
    try (Conversation conversation = open(answers -> onName(() -> {}), "100ms")) {
      assertThatThrownBy(conversation::end).isInstanceOf(CallException.class);
    }
  }

  @Test
  @Timeout(60)
  void doesNotReadForeverWhatComesInPlaceOfTheEnd() throws Exception {
    try (Conversation conversation = open(ConversationTest::answerWithoutEnd, "500ms")) {
      assertThatThrownBy(conversation::end)
          .isInstanceOfSatisfying(
              CallException.class,
              e -> assertThat(e.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }
  }

  /** Has an answer ready whenever the client takes one. */
  private static StreamObserver<GreetingRequest> answerWithoutEnd(
      StreamObserver<GreetingResponse> answers) {
    var call = (ServerCallStreamObserver<GreetingResponse>) answers;
    call.setOnReadyHandler(
        () -> {
          while (call.isReady()) {
            call.onNext(GreetingResponse.getDefaultInstance());
          }
        });
    return onName(() -> {});
  }

  private Conversation open(
      Function<StreamObserver<GreetingResponse>, StreamObserver<GreetingRequest>> chat,
      String timeout)
      throws Exception {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(service(chat)).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
    Duration limit = DurationStyle.SIMPLE.parse(timeout);
    return new Conversation(
        GreeterGrpc.newBlockingV2Stub(channel).chat(),
        new Target(HostAndPort.fromParts("in-process", 1), limit, List.of(), false));
  }

  private static BindableService service(
      Function<StreamObserver<GreetingResponse>, StreamObserver<GreetingRequest>> chat) {
    return new GreeterGrpc.GreeterImplBase() {
      @Override
      public StreamObserver<GreetingRequest> chat(StreamObserver<GreetingResponse> answers) {
        return chat.apply(answers);
      }
    };
  }

  private static StreamObserver<GreetingRequest> onName(Runnable action) {
    return new StreamObserver<>() {
      @Override
      public void onNext(GreetingRequest request) {
        action.run();
      }

      @Override
      public void onError(Throwable cancelled) {}

      @Override
      public void onCompleted() {}
    };
  }
}
