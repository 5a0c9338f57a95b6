package dev.greeter.service.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/** A connection whose peer does not read. */
class UnreadAnswersTest {

  /** Counts what reaches the socket. */
  private static final class Reads extends ChannelOutboundHandlerAdapter {
    private int count;

    @Override
    public void read(ChannelHandlerContext ctx) {
      count++;
      ctx.read();
    }
  }

  @Test
  void isReadAgainOnceItHasReadItself() {
    var reads = new Reads();
    var connection = new EmbeddedChannel();
    var listening = new EmbeddedChannel(new UnreadAnswers());
    listening.writeInbound(connection);
    connection.pipeline().addFirst(reads);

    connection.write(Unpooled.wrappedBuffer(new byte[100_000]));
    connection.runPendingTasks();
    int before = reads.count;
    connection.read();
    assertThat(connection.config().isAutoRead()).isFalse();
    assertThat(reads.count).isEqualTo(before);

    connection.flush();
    connection.runPendingTasks();
    assertThat(connection.config().isAutoRead()).isTrue();
    assertThat(reads.count).isGreaterThan(before);
    connection.finishAndReleaseAll();
    listening.finishAndReleaseAll();
  }
}
