package dev.greeter.service.greeting;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import net.devh.boot.grpc.server.service.GrpcService;

/**
 * Greets. What each call answers, and when it fails, is said in {@code greeter.proto}.
 *
 * <p>The handlers run on the event loops and never wait: one that does holds up every connection of
 * its loop. Before you add one that waits, for a database say, set {@code greeter.server.executor}
 * to {@code virtual} or {@code pool}, with which a greeting costs 1.7 or 3.5 times as much CPU
 * time.
 */
@GrpcService
class GreeterService extends GreeterGrpc.GreeterImplBase {

  @Override
  public void greet(GreetingRequest request, StreamObserver<GreetingResponse> responses) {
    responses.onNext(Greeting.hello(request.getName()));
    responses.onCompleted();
  }

  @Override
  public StreamObserver<GreetingRequest> chat(StreamObserver<GreetingResponse> responses) {
    return new ChatObserver((ServerCallStreamObserver<GreetingResponse>) responses);
  }
}
