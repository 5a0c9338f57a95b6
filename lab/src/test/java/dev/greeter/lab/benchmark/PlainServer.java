package dev.greeter.lab.benchmark;

import dev.greeter.api.GreeterGrpc.GreeterImplBase;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;

/** A typical greeter with only grpc-java and {@code directExecutor()}. */
final class PlainServer extends GreeterImplBase implements ServerInterceptor {

  private static final Metadata.Key<String> SECRET =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final boolean checks;

  private PlainServer(boolean checks) {
    this.checks = checks;
  }

  /** Runs on the port in {@code GRPC_SERVER_PORT}; with an argument, it checks the secret. */
  public static void main(String[] arguments) throws Exception {
    var greeter = new PlainServer(arguments.length > 0);
    int port = Integer.parseInt(System.getenv("GRPC_SERVER_PORT"));
    NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .directExecutor()
        .addService(
            greeter.checks
                ? ServerInterceptors.intercept(greeter, greeter)
                : ServerInterceptors.intercept(greeter))
        .addService(new HealthStatusManager().getHealthService())
        .build()
        .start()
        .awaitTermination();
  }

  @Override
  public void greet(GreetingRequest request, StreamObserver<GreetingResponse> responses) {
    responses.onNext(
        GreetingResponse.newBuilder().setGreeting("Hello " + request.getName() + "!").build());
    responses.onCompleted();
  }

  /** The simplest possible check. */
  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if ("42".equals(headers.get(SECRET))) {
      return next.startCall(call, headers);
    }
    call.close(Status.UNAUTHENTICATED.withDescription("Access denied!"), new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
