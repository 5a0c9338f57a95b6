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
 * One greeting from a service in the same JVM, which may learn from it what a command needs: the
 * launcher has its cache made of this.
 */
final class Training {

  private Training() {}

  /** Greets, and ends the JVM as a command does. */
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
