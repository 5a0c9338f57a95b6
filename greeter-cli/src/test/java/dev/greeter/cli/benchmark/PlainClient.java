package dev.greeter.cli.benchmark;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.TimeUnit;

/** The baseline of {@code .ci/start-benchmark}: the same call with only grpc-java. */
final class PlainClient {

  private PlainClient() {}

  /**
   * Prints one greeting.
   *
   * @param args address of the service, name
   * @throws StatusException if the call fails
   */
  public static void main(String[] args) throws StatusException {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "42");
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(args[0])
            .usePlaintext()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .build();
    try {
      System.out.println(
          GreeterGrpc.newBlockingV2Stub(channel)
              .withDeadlineAfter(5, TimeUnit.SECONDS)
              .greet(GreetingRequest.newBuilder().setName(args[1]).build())
              .getGreeting());
    } finally {
      channel.shutdownNow();
    }
  }
}
