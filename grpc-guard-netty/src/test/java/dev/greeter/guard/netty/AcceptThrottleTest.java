package dev.greeter.guard.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests when the next connections are accepted. */
class AcceptThrottleTest {

  private final EmbeddedChannel listening = new EmbeddedChannel(new AcceptThrottle(30, 10));
  private final List<EmbeddedChannel> accepted = new ArrayList<>();

  @AfterEach
  void close() {
    accepted.stream().filter(EmbeddedChannel::isRegistered).forEach(EmbeddedChannel::close);
    listening.finishAndReleaseAll();
  }

  @Test
  void resumesOnceHalfAuthenticatedOrClosed() throws Exception {
    accept(9);
    assertThat(accepts()).isTrue();
    accept(1);
    assertThat(accepts()).isFalse();

    accepted.subList(0, 2).forEach(EmbeddedChannel::close);
    authenticate(2, 4);
    assertThat(accepts()).isFalse();
    authenticate(4, 5);
    assertThat(accepts()).isTrue();
  }

  @Test
  void waitsBrieflyForSilentConnections() throws Exception {
    accept(10);
    for (int i = 1; i < AcceptThrottle.ROUNDS; i++) {
      waitFor(AcceptThrottle.ROUND_MILLIS);
    }
    assertThat(accepts()).isFalse();
    waitFor(AcceptThrottle.ROUND_MILLIS);
    assertThat(accepts()).isTrue();
  }

  /** New connections may have sent data that it has not read yet. */
  @Test
  void waitsLongerForBusyEventLoop() throws Exception {
    accept(10);
    waitFor(10 * AcceptThrottle.ROUNDS * AcceptThrottle.ROUND_MILLIS);
    assertThat(accepts()).isFalse();
  }

  /** The event loop of a closed server may have ended. */
  @Test
  void acceptsNothingAfterClose() throws Exception {
    accept(10);
    listening.close();
    accepted.forEach(EmbeddedChannel::close);
    assertThat(accepts()).isFalse();
  }

  @Test
  void countsEachConnectionOnce() throws Exception {
    accept(10);
    for (int i = 0; i < 5; i++) {
      authenticate(0, 1);
      accepted.get(0).close();
    }
    assertThat(accepts()).isFalse();
  }

  private boolean accepts() {
    return listening.config().isAutoRead();
  }

  private void accept(int connections) throws Exception {
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
    for (Channel next : handedOn) {
      ((EmbeddedChannel) next).register();
      ((EmbeddedChannel) next).freezeTime();
    }
  }

  private void authenticate(int from, int to) {
    for (EmbeddedChannel connection : accepted.subList(from, to)) {
      connection.pipeline().fireUserEventTriggered(AcceptThrottle.AUTHENTICATED);
    }
  }

  private void waitFor(int millis) {
    for (EmbeddedChannel connection : accepted) {
      connection.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
      connection.runScheduledPendingTasks();
    }
  }
}
