package dev.greeter.lab.other;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.stub.StreamObserver;
import org.springframework.stereotype.Service;

/** Greets like the tutorial, without limits. */
@Service
final class Greeter extends GreeterGrpc.GreeterImplBase {

  @Override
  public void greet(GreetingRequest request, StreamObserver<GreetingResponse> responses) {
    responses.onNext(greeting("Hello %s!", request));
    responses.onCompleted();
  }

  @Override
  public StreamObserver<GreetingRequest> chat(StreamObserver<GreetingResponse> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(GreetingRequest request) {
        responses.onNext(greeting("Welcome, %s!", request));
      }

      @Override
      public void onError(Throwable cancelled) {}

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }

  private static GreetingResponse greeting(String format, GreetingRequest request) {
    return GreetingResponse.newBuilder().setGreeting(format.formatted(request.getName())).build();
  }
}
