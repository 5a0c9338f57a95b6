package dev.greeter.service.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.limit.Peer;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer;
import io.grpc.netty.shaded.io.netty.channel.WriteBufferWaterMark;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How much is kept for whom, and what becomes of those for whom it is too much. */
class UnreadAnswersTest {

  private final Peer peer = new Peer(null) {};
  private final UnreadAnswers answers = new UnreadAnswers(peer);
  private final NeverRead connection = new NeverRead(answers);

  @BeforeEach
  void keepLittle() {
    connection.config().setWriteBufferWaterMark(new WriteBufferWaterMark(4 << 10, 8 << 10));
  }

  @AfterEach
  void release() {
    connection.reads = true;
    connection.flush();
    connection.finishAndReleaseAll();
  }

  @Test
  void closeTheConnectionOfAStranger() {
    write(50);
    assertThat(connection.isOpen()).isTrue();
    answers.ready();
    write(1);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void stopTheReadingFromWhoeverHasShownTheSecret() {
    peer.accept("the secret");
    write(160);
    assertThat(connection.isOpen()).isTrue();
    assertThat(connection.config().isAutoRead()).isFalse();

    connection.reads = true;
    connection.flush();
    assertThat(connection.config().isAutoRead()).isTrue();
  }

  @Test
  void closeAnyConnectionIfTheyAreTooMany() {
    peer.accept("the secret");
    write(500);
    assertThat(connection.isOpen()).isFalse();
  }

  @SuppressWarnings("FutureReturnValueIgnored")
  private void write(int answers) {
    for (int i = 0; i < answers; i++) {
      connection.writeAndFlush(Unpooled.copiedBuffer("123456789", US_ASCII));
    }
  }

  /** A connection whose peer does not read until it is told to. */
  private static final class NeverRead extends EmbeddedChannel {

    private boolean reads;

    NeverRead(UnreadAnswers handler) {
      super(handler);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer unsent) throws Exception {
      if (reads) {
        super.doWrite(unsent);
      }
    }
  }
}
