package dev.greeter.service.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.FreePort;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The service when nobody reads what it prints, so that the pipe is full. */
@Timeout(60)
class BlockedConsoleIT {

  /** More lines than a pipe of 64 KB holds. */
  private static final int REFUSED = 2_000;

  @Test
  void keepsNobodyFromHisGreetingAndNotTheServiceFromStopping() throws Exception {
    int port = FreePort.find();
    Map<String, String> settings = Map.of("GREETER_ACCESS_LOG_REFUSALS_PER_SECOND", "1000000");
    Process service =
        JarProcess.command(List.of(), AttackedService.onLoopback(settings, port)).start();
    try (var console = service.inputReader()) {
      for (String line; !String.valueOf(line = console.readLine()).contains("Started "); ) {
        assertThat(line).isNotNull();
      }
      var channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
      try {
        for (int i = 0; i < REFUSED; i++) {
          assertThatThrownBy(() -> stub(channel).greet(GreetingRequest.getDefaultInstance()))
              .hasMessage("UNAUTHENTICATED: Access denied!");
        }
        Greetings.greet(channel, 10);
      } finally {
        channel.shutdownNow();
      }
      service.destroy();
      assertThat(service.waitFor(30, TimeUnit.SECONDS)).as("stops").isTrue();
    } finally {
      service.destroyForcibly();
    }
  }

  private static GreeterBlockingStub stub(ManagedChannel channel) {
    return GreeterGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
  }
}
