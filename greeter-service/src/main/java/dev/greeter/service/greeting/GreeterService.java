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
 * Greets people. {@code greeter.proto} documents each call's answers and errors.
 *
 * <p>The handlers run on the event loops and never wait: a waiting handler blocks every connection
 * of its loop. Before you add one, for example for a database, set {@code greeter.server.executor}
 * to {@code virtual} or {@code pool}, which triple a greeting's CPU time.
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
    // Count code points, so that an emoji is one character; they never outnumber the chars.
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
   * Answers each name immediately. It requests the next name only after the answer has been sent,
   * so a client that never reads keeps only one answer in memory. Each answer needs a buffer of 4
   * KB; gRPC's own limit, 32 KB of content, would allow about a thousand of them.
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
      // The client is gone, and there is nothing to release.
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
