package dev.greeter.service.greeting;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers of Greet and Chat, and the names that they reject. */
class GreeterServiceTest {

  @RegisterExtension private final LogCapture log = new LogCapture();
  private final CallRecorder calls = new CallRecorder();

  @AutoClose
  private final InProcessGrpc grpc =
      new InProcessGrpc(
          new GreeterService(), Guard.builder(Secrets.of("a secret")).build().afterCheck(), calls);

  @Nested
  class Greet {

    @Test
    void saysHello() {
      assertThat(greet("Ada").messages()).containsExactly(greeting("Hello Ada!"));
    }

    @ParameterizedTest
    @MethodSource("dev.greeter.service.greeting.GreeterServiceTest#unusualNames")
    void preservesUnusualNames(String name) {
      var call = greet(name);
      assertThat(call.status().getCode()).isEqualTo(Code.OK);
      assertThat(call.messages()).containsExactly(greeting("Hello " + name + "!"));
    }

    @Test
    void rejectsEmptyName() {
      assertInvalidName(greet(""), "must not be empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "ü", "👋"})
    void rejectsNameOverThousandCharacters(String character) {
      assertInvalidName(greet(character.repeat(1_001)), "must have at most 1,000 characters");
    }

    private TestCall<GreetingRequest, GreetingResponse> greet(String name) {
      var method = GreeterGrpc.getGreetMethod();
      return TestCall.send(grpc.channel(), method, new Metadata(), request(name));
    }
  }

  @Nested
  class Chat {

    @Test
    void welcomesEachNameImmediately() {
      var chat = chat().take(10).send(request("Ada"));
      assertThat(chat.messages()).containsExactly(greeting("Welcome, Ada!"));
      chat.send(request("Grace"));
      assertThat(chat.messages())
          .containsExactly(greeting("Welcome, Ada!"), greeting("Welcome, Grace!"));
      assertThat(calls.events()).doesNotContain("close OK");
      chat.halfClose();
      assertThat(chat.status().getCode()).isEqualTo(Code.OK);
    }

    @ParameterizedTest
    @MethodSource("dev.greeter.service.greeting.GreeterServiceTest#unusualNames")
    void preservesUnusualNames(String name) {
      var chat = chat().take(1).send(request(name));
      assertThat(chat.messages()).containsExactly(greeting("Welcome, " + name + "!"));
    }

    @Test
    void completesWithoutNames() {
      var chat = chat().take(1).halfClose();
      assertThat(chat.status().getCode()).isEqualTo(Code.OK);
      assertThat(chat.messages()).isEmpty();
    }

    @Test
    void endsOnInvalidNameAfterEarlierAnswers() {
      var other = chat().take(10).send(request("Grace"));
      var chat = chat().take(10).send(request("Ada")).send(request("")).send(request("Late"));

      assertInvalidName(chat, "must not be empty");
      assertThat(chat.messages()).containsExactly(greeting("Welcome, Ada!"));
      assertThat(other.send(request("Alan")).halfClose().status().getCode()).isEqualTo(Code.OK);
      assertThat(other.messages())
          .containsExactly(greeting("Welcome, Grace!"), greeting("Welcome, Alan!"));
    }

    @Test
    void appliesBackpressure() {
      var chat = chat();
      for (int i = 0; i < 100; i++) {
        chat.send(request("Ada"));
      }
      assertThat(calls.events()).containsExactly("start");

      chat.take(2);
      assertThat(calls.events()).containsExactly("start", "message", "answer", "message", "answer");

      chat.take(100).halfClose();
      assertThat(chat.status().getCode()).isEqualTo(Code.OK);
      assertThat(chat.messages()).hasSize(100);
    }

    @Test
    void requestsOneNameAtATime() {
      var chat = chat().takeAsTheyCome();
      for (int i = 0; i < 10; i++) {
        chat.send(request("Ada"));
      }
      assertThat(chat.messages()).hasSize(10);
      assertThat(calls.requested()).isEqualTo(11);
    }

    private TestCall<GreetingRequest, GreetingResponse> chat() {
      var method = GreeterGrpc.getChatMethod();
      return TestCall.open(grpc.channel(), method, CallOptions.DEFAULT, new Metadata());
    }
  }

  static Stream<String> unusualNames() {
    return Stream.of(
        " ",
        "  Ada  Lovelace ",
        "\"Ada\" 'Bob'",
        "Jürgen Groß",
        "👩🏽‍💻",
        "a\nb\0c",
        "{}%s",
        "x".repeat(1_000),
        "ü".repeat(1_000),
        "👋".repeat(1_000));
  }

  private void assertInvalidName(TestCall<?, ?> call, String rule) {
    assertThat(call.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(call.status().getDescription()).isEqualTo("name " + rule);
    assertThat(StatusProto.fromStatusAndTrailers(call.status(), call.trailers()).getDetailsList())
        .singleElement()
        .satisfies(
            detail ->
                assertThat(detail.unpack(BadRequest.class).getFieldViolationsList())
                    .containsExactly(
                        FieldViolation.newBuilder().setField("name").setDescription(rule).build()));
    assertThat(log.problems()).isEmpty();
  }

  private static GreetingRequest request(String name) {
    return GreetingRequest.newBuilder().setName(name).build();
  }

  private static GreetingResponse greeting(String text) {
    return GreetingResponse.newBuilder().setGreeting(text).build();
  }
}
