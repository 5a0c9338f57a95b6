package dev.greeter.service.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the next connections are accepted. */
class AcceptThrottleTest {

  private final EmbeddedChannel listening = new EmbeddedChannel(new AcceptThrottle());
  private final List<EmbeddedChannel> accepted = new ArrayList<>();

  @AfterEach
  void close() {
    accepted.stream().filter(EmbeddedChannel::isRegistered).forEach(EmbeddedChannel::close);
    listening.finishAndReleaseAll();
  }

  @Test
  void waitsForTheEventLoopsToTakeThemUp() throws Exception {
    accept(31);
    assertThat(accepts()).isTrue();
    accept(1);
    assertThat(accepts()).isFalse();

    takeUp(0, 15);
    assertThat(accepts()).isFalse();
    takeUp(15, 16);
    assertThat(accepts()).isTrue();
  }

  private boolean accepts() {
    return listening.config().isAutoRead();
  }

  private void accept(int connections) {
    for (int i = 0; i < connections; i++) {
      var connection = EmbeddedChannel.builder().register(false).build();
      accepted.add(connection);
      listening.writeInbound(connection);
    }
    List<Channel> handedOn = new ArrayList<>();
    for (Object next; (next = listening.readInbound()) != null; ) {
      handedOn.add((Channel) next);
    }
    assertThat(handedOn).hasSize(connections);
  }

  private void takeUp(int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      accepted.get(i).register();
    }
  }
}
