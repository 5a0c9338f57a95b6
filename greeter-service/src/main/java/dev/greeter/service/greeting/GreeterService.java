package dev.greeter.service.greeting;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import net.devh.boot.grpc.server.service.GrpcService;

/**
 * Greets. {@code greeter.proto} says what each call answers, and when it fails.
 *
 * <p>The handlers run on the event loops and never wait: one that does holds up every connection of
 * its loop. Before you add one that waits, for a database say, set {@code greeter.server.executor}
 * to {@code virtual} or {@code pool}, with which a greeting costs 1.7 or 3.5 times as much CPU
 * time.
 */
@GrpcService
class GreeterService extends GreeterGrpc.GreeterImplBase {

  private static final int MAX_CHARACTERS = 1_000;

  @Override
  public void greet(GreetingRequest request, StreamObserver<GreetingResponse> responses) {
    responses.onNext(greeting("Hello " + validName(request) + "!"));
    responses.onCompleted();
  }

  @Override
  public StreamObserver<GreetingRequest> chat(StreamObserver<GreetingResponse> responses) {
    return new Chat((ServerCallStreamObserver<GreetingResponse>) responses);
  }

  private static GreetingResponse greeting(String text) {
    return GreetingResponse.newBuilder().setGreeting(text).build();
  }

  private static String validName(GreetingRequest request) {
    String name = request.getName();
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

  /**
   * Welcomes each name as it comes. It asks for the next name only when the client has taken the
   * answer, so that a client that never reads keeps one answer in memory: each has a buffer of 4
   * KB, of which gRPC's own limit, 32 KB of what is in them, would allow some thousand.
   */
  private static final class Chat implements StreamObserver<GreetingRequest> {

    private final ServerCallStreamObserver<GreetingResponse> responses;
    private boolean awaitingRequest;

    Chat(ServerCallStreamObserver<GreetingResponse> responses) {
      this.responses = responses;
      responses.disableAutoRequest();
      responses.setOnReadyThreshold(1);
      responses.setOnReadyHandler(this::requestNext);
    }

    @Override
    public void onNext(GreetingRequest request) {
      awaitingRequest = false;
      responses.onNext(greeting("Welcome, " + validName(request) + "!"));
      requestNext();
    }

    @Override
    public void onError(Throwable cancelled) {
      // The client is gone, and nothing is held for it.
    }

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }

    private void requestNext() {
      if (responses.isReady() && !awaitingRequest) {
        awaitingRequest = true;
        responses.request(1);
      }
    }
  }
}
