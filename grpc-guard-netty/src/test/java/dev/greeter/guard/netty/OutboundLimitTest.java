package dev.greeter.guard.netty;

import static dev.greeter.guard.netty.Authenticated.authenticated;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.Peer;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.DefaultByteBufHolder;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.IdentityHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests how much is kept for a peer, and which peers are disconnected. */
class OutboundLimitTest {

  private final Peer peer = new Peer(null) {};
  private final OutboundLimit answers = new OutboundLimit(peer);
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
  void closesUnauthenticatedConnectionOverLimit() {
    write(50);
    assertThat(connection.isOpen()).isTrue();
    answers.ready(connection.pipeline());
    write(1);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void pausesReadingFromAuthenticatedPeer() throws Exception {
    authenticated(peer);
    write(160);
    assertThat(connection.isOpen()).isTrue();
    assertThat(connection.config().isAutoRead()).isFalse();

    connection.reads = true;
    connection.flush();
    assertThat(connection.config().isAutoRead()).isTrue();
  }

  @Test
  void closesAuthenticatedConnectionOverHardLimit() throws Exception {
    authenticated(peer);
    write(500);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void closesUnauthenticatedConnectionWithExhaustedWindow() {
    closedWindow();
    answer(4);
    assertThat(connection.isOpen()).isTrue();
    answer(1);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void queuesHundredMessagesWithExhaustedWindow() throws Exception {
    authenticated(peer);
    closedWindow();
    answer(100);
    assertThat(connection.isOpen()).isTrue();
    answer(50);
    assertThat(connection.isOpen()).isFalse();
  }

  /** Six buffers each: a client that pauses briefly must not lose its calls. */
  @Test
  @SuppressWarnings("FutureReturnValueIgnored")
  void queuesHundredGreetingsForAuthenticatedPeer() throws Exception {
    authenticated(peer);
    connection.pipeline().addLast(new WriteCoalescer());
    for (int i = 0; i < 600; i++) {
      connection.write(Unpooled.copiedBuffer("123456789", US_ASCII));
    }
    connection.flush();
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void doesNotCountWrittenMessages() {
    var window = closedWindow();
    for (int i = 0; i < 100; i++) {
      answer(4);
      window.open();
    }
    assertThat(connection.isOpen()).isTrue();
  }

  private Window closedWindow() {
    var window = new Window();
    connection.pipeline().addLast(window);
    answers.ready(connection.pipeline());
    return window;
  }

  /** Writes messages of some bytes in gRPC's buffers. */
  @SuppressWarnings("FutureReturnValueIgnored")
  private void answer(int messages) {
    for (int i = 0; i < messages; i++) {
      connection.writeAndFlush(new DefaultByteBufHolder(Unpooled.buffer(4096).writeZero(7)));
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored")
  private void write(int answers) {
    for (int i = 0; i < answers; i++) {
      connection.writeAndFlush(Unpooled.copiedBuffer("123456789", US_ASCII));
    }
  }

  /** Keeps messages like the flow controller while the peer's window is full. */
  private static final class Window extends ChannelOutboundHandlerAdapter {

    private final Map<ByteBufHolder, ChannelPromise> held = new IdentityHashMap<>();

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      held.put((ByteBufHolder) message, promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      open();
    }

    void open() {
      held.forEach(
          (message, promise) -> {
            message.release();
            promise.trySuccess();
          });
      held.clear();
    }
  }

  /** A connection whose peer reads only on request. */
  private static final class NeverRead extends EmbeddedChannel {

    private boolean reads;

    NeverRead(OutboundLimit handler) {
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
