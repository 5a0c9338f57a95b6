package dev.greeter.cli;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Runs one greeting against a service in the same JVM. The launcher builds its class cache from
 * this run.
 */
final class Training {

  private Training() {}

  /** Greets once, then exits the JVM like a command. */
  public static void main(String[] args) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Server service =
        NettyServerBuilder.forAddress(address, InsecureServerCredentials.create())
            .addService(new Greeter())
            .build()
            .start();
    GreeterCliApplication.main(
        new String[] {"greet", "Ada", "--server", "localhost:" + service.getPort()});
  }

  private static final class Greeter extends GreeterGrpc.GreeterImplBase {
    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      answers.onNext(
          GreetingResponse.newBuilder().setGreeting("Hello " + request.getName() + "!").build());
      answers.onCompleted();
    }
  }
}
