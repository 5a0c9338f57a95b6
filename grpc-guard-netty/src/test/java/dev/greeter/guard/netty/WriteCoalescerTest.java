package dev.greeter.guard.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // Each test says which of them matter.
class WriteCoalescerTest {

  private final List<ByteBuf> handedIn = new ArrayList<>();
  private final EmbeddedChannel connection = new EmbeddedChannel(new WriteCoalescer());

  @AfterEach
  void gaveBackEveryBuffer() {
    connection.finishAndReleaseAll();
    assertThat(handedIn).allMatch(buffer -> buffer.refCnt() == 0);
  }

  @Test
  void mergesSmallWritesPerFlush() {
    connection.write(text("head"));
    connection.write(text("ers, "));
    connection.write(text("data"));
    assertThat(sent()).isEmpty();

    connection.flush();
    connection.writeAndFlush(text("more"));

    assertThat(sent()).containsExactly("headers, data", "more");
  }

  @Test
  void preservesOrderAroundLargeBuffer() {
    var large = "x".repeat(5000);

    connection.write(text("before"));
    connection.write(text(large));
    connection.write(text("after"));
    connection.flush();

    assertThat(sent()).containsExactly("before", large, "after");
  }

  @Test
  void startsNewBufferWhenFull() {
    var small = "y".repeat(1000);
    for (int i = 0; i < 20; i++) {
      connection.write(text(small));
    }
    connection.flush();

    List<String> sent = sent();
    assertThat(sent).hasSize(2);
    assertThat(String.join("", sent)).isEqualTo(small.repeat(20));
  }

  @Test
  void passesNonBuffersThrough() {
    connection.write(text("before"));
    connection.write(42);
    connection.flush();

    assertThat(connection.<ByteBuf>readOutbound().toString(US_ASCII)).isEqualTo("before");
    assertThat(connection.<Integer>readOutbound()).isEqualTo(42);
  }

  @Test
  void completesWriteOnlyAfterMergedWrite() {
    ChannelFuture write = connection.write(text("text"));
    assertThat(write.isDone()).isFalse();

    connection.flush();

    assertThat(write.isSuccess()).isTrue();
    assertThat(sent()).containsExactly("text");
  }

  @Test
  void failsEachWriteWithMergedWrite() {
    var failure = new IOException("Broken pipe");
    connection.pipeline().addFirst(new FailingWrites(failure));

    ChannelFuture first = connection.write(text("a"));
    ChannelFuture second = connection.write(text("b"));
    connection.flush();

    assertThat(List.of(first, second)).allMatch(write -> write.cause() == failure);
  }

  @Test
  void failsPendingWritesOnClose() {
    ChannelFuture write = connection.write(text("text"));
    connection.close();

    assertThat(write.cause()).isInstanceOf(ClosedChannelException.class);
  }

  /** Two connections whose peer never read once took 100 MB in this way. */
  @Test
  void retainsOnlyWrittenBytesWhilePeerDoesNotRead() {
    var unread = new HeldWrites();
    connection.pipeline().addFirst(unread);
    for (int i = 0; i < 100; i++) {
      connection.writeAndFlush(text("123456789"));
      connection.writeAndFlush(text("record", 16 * 1024));
    }
    assertThat(unread.held).hasSize(200);
    assertThat(unread.held.stream().mapToInt(ByteBuf::capacity).sum()).isLessThan(20 * 1024);

    unread.letThrough(connection.pipeline().context(unread));
    connection.write(text("merges "));
    connection.write(text("again"));
    connection.flush();
    assertThat(sent().get(200)).isEqualTo("merges again");
  }

  @Test
  void closesConnectionWithTooManyPendingWrites() {
    connection.pipeline().addFirst(new HeldWrites());
    for (int i = 0; i < 2_000; i++) {
      connection.write(text("123456789"));
    }
    connection.flush();
    assertThat(connection.isOpen()).isTrue();
    connection.writeAndFlush(text("123456789"));
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void writesUnmergedWhenOutOfMemory() {
    connection.config().setAllocator(new NoMemory());
    connection.writeAndFlush(text("text"));
    assertThat(sent()).containsExactly("text");
  }

  private ByteBuf text(String text, int capacity) {
    ByteBuf buffer = Unpooled.buffer(capacity).writeBytes(text.getBytes(US_ASCII));
    handedIn.add(buffer);
    return buffer;
  }

  private ByteBuf text(String text) {
    ByteBuf buffer = Unpooled.copiedBuffer(text, US_ASCII);
    handedIn.add(buffer);
    return buffer;
  }

  private List<String> sent() {
    var sent = new ArrayList<String>();
    for (ByteBuf buffer; (buffer = connection.readOutbound()) != null; ) {
      sent.add(buffer.toString(US_ASCII));
      buffer.release();
    }
    return sent;
  }

  /** Keeps written data, like a connection whose peer does not read. */
  private static final class HeldWrites extends ChannelOutboundHandlerAdapter {

    private final List<ByteBuf> held = new ArrayList<>();
    private final List<ChannelPromise> promises = new ArrayList<>();
    private boolean through;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (through) {
        context.write(message, promise);
        return;
      }
      held.add((ByteBuf) message);
      promises.add(promise);
    }

    void letThrough(ChannelHandlerContext context) {
      through = true;
      for (int i = 0; i < held.size(); i++) {
        context.write(held.get(i), promises.get(i));
      }
      context.flush();
    }
  }

  /** Netty's limit of direct memory is reached. */
  private static final class NoMemory extends AbstractByteBufAllocator {

    NoMemory() {
      super(true);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("failed to allocate");
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      return newDirectBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }

  private static final class FailingWrites extends ChannelOutboundHandlerAdapter {

    private final IOException failure;

    FailingWrites(IOException failure) {
      this.failure = failure;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ((ByteBuf) message).release();
      promise.setFailure(failure);
    }
  }
}
