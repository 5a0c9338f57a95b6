package dev.greeter.service.greeting;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import net.devh.boot.grpc.server.service.GrpcService;

/** Greets. What each call answers, and when it fails, is said in {@code greeter.proto}. */
@GrpcService
class GreeterService implements GreeterGrpc.AsyncService, BindableService {

  /**
   * Parses requests inside the chain of interceptors, so that a malformed one is answered like any
   * other bad request: grpc-java 1.83 parses outside of it, ends the call with {@code UNKNOWN} and
   * logs a stack trace.
   */
  @Override
  public ServerServiceDefinition bindService() {
    return ServerInterceptors.useInputStreamMessages(GreeterGrpc.bindService(this));
  }

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
