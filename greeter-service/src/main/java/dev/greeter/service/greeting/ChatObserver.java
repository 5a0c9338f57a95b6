package dev.greeter.service.greeting;

import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * One conversation: welcomes each name as it comes. It asks for the next name only when the client
 * has taken the answer, so that a client that never reads keeps one answer in memory: each has a
 * buffer of 4 KB, of which gRPC's own limit, 32 KB of what is in them, would allow some thousand.
 */
final class ChatObserver implements StreamObserver<GreetingRequest> {

  private final ServerCallStreamObserver<GreetingResponse> responses;
  private boolean awaitingRequest;

  ChatObserver(ServerCallStreamObserver<GreetingResponse> responses) {
    this.responses = responses;
    responses.disableAutoRequest();
    responses.setOnReadyThreshold(1);
    responses.setOnReadyHandler(this::requestNext);
  }

  @Override
  public void onNext(GreetingRequest request) {
    awaitingRequest = false;
    responses.onNext(Greeting.welcome(request.getName()));
    requestNext();
  }

  @Override
  public void onError(Throwable cancelled) {
    // The client is gone: there is nobody to answer, and nothing is held for it.
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
