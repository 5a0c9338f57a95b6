package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** The thread of the network lives as long as the context. */
class EventLoopConfigurationTest {

  @Test
  void endsTheThreadOfTheNetworkWithTheContext() {
    try (var context = new AnnotationConfigApplicationContext(EventLoopConfiguration.class)) {
      var builder = NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", 1));
      context
          .getBeanProvider(GrpcChannelConfigurer.class)
          .forEach(configurer -> configurer.accept(builder, "channel"));
      ManagedChannel channel = builder.usePlaintext().build();
      var stub = GreeterGrpc.newBlockingV2Stub(channel);
      assertThatThrownBy(() -> stub.greet(GreetingRequest.getDefaultInstance()))
          .isInstanceOf(StatusException.class);
      assertThat(networkIsAlive()).isTrue();
      channel.shutdownNow();
    }

    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !networkIsAlive());
  }

  private static boolean networkIsAlive() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("network"));
  }
}
