package dev.greeter.service.greeting;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.greeter.api.GreetingResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** The texts, and the names that they are for. */
final class Greeting {

  private static final int MAX_CHARACTERS = 1_000;

  private Greeting() {}

  /**
   * Answers {@code Greet}.
   *
   * @throws StatusRuntimeException {@code INVALID_ARGUMENT} with {@code google.rpc.BadRequest} if
   *     the name is empty or too long
   */
  static GreetingResponse hello(String name) {
    return greeting("Hello " + requireValid(name) + "!");
  }

  /**
   * Answers a message of {@code Chat}.
   *
   * @throws StatusRuntimeException {@code INVALID_ARGUMENT} with {@code google.rpc.BadRequest} if
   *     the name is empty or too long
   */
  static GreetingResponse welcome(String name) {
    return greeting("Welcome, " + requireValid(name) + "!");
  }

  private static GreetingResponse greeting(String text) {
    return GreetingResponse.newBuilder().setGreeting(text).build();
  }

  private static String requireValid(String name) {
    if (name.isEmpty()) {
      throw invalidName("must not be empty");
    }
    // Code points, so that an emoji is one character; no string has more of them than chars.
    if (name.length() > MAX_CHARACTERS && name.codePointCount(0, name.length()) > MAX_CHARACTERS) {
      throw invalidName("must have at most 1,000 characters");
    }
    return name;
  }

  private static StatusRuntimeException invalidName(String rule) {
    var violation = FieldViolation.newBuilder().setField("name").setDescription(rule);
    return StatusProto.toStatusRuntimeException(
        Status.newBuilder()
            .setCode(Code.INVALID_ARGUMENT_VALUE)
            .setMessage("name " + rule)
            .addDetails(Any.pack(BadRequest.newBuilder().addFieldViolations(violation).build()))
            .build());
  }
}
