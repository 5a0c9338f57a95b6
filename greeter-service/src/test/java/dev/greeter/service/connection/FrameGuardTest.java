package dev.greeter.service.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of the frames of a peer. */
class FrameGuardTest {

  private static final Http2Settings LARGE_TABLE = new Http2Settings().headerTableSize(1 << 30);

  private final List<ByteBuf> kept = new ArrayList<>();
  private final Http2ConnectionHandler http2 =
      new Http2ConnectionHandlerBuilder().server(true).frameListener(new KeepsData()).build();
  private final EmbeddedChannel connection = new EmbeddedChannel(http2);
  private final ChannelHandlerContext context = connection.pipeline().context(http2);
  private final ByteBuf read = Unpooled.buffer(64 * 1024).writeZero(64 * 1024);

  @BeforeEach
  void install() throws Http2Exception {
    http2.encoder().remoteSettings(LARGE_TABLE);
    FrameGuard.install(http2);
  }

  @AfterEach
  void gaveBackEveryBuffer() {
    kept.forEach(ByteBuf::release);
    assertThat(read.refCnt()).isEqualTo(1);
    read.release();
    connection.finishAndReleaseAll();
  }

  @Test
  void isNotTheReadThatAPieceCameIn() throws Http2Exception {
    assertThat(frames().onDataRead(context, 1, read.slice(0, 3), 0, false)).isZero();
    assertThat(read.refCnt()).isEqualTo(1);
    assertThat(kept).hasSize(1);
    assertThat(kept.get(0).readableBytes()).isEqualTo(3);
    assertThat(kept.get(0).refCnt()).isEqualTo(1);
  }

  @Test
  void isNothingOfAnEmptyPiece() throws Http2Exception {
    assertThat(frames().onDataRead(context, 1, read.slice(0, 0), 7, false)).isEqualTo(7);
    assertThat(kept).isEmpty();
  }

  @Test
  void isNoCopyOfTheLastPieceOrOfALargeOne() throws Http2Exception {
    frames().onDataRead(context, 1, read.slice(0, 3), 0, true);
    frames().onDataRead(context, 1, read.slice(0, 10_000), 0, false);
    assertThat(kept).hasSize(2);
    assertThat(read.refCnt()).isEqualTo(3);
  }

  @Test
  void isNoLargeTableOfHeadersFromTheStartOrLater() throws Http2Exception {
    assertThat(headerTable()).isEqualTo(4096);
    http2.encoder().remoteSettings(LARGE_TABLE);
    frames().onSettingsRead(context, LARGE_TABLE);
    assertThat(headerTable()).isEqualTo(4096);
  }

  @Test
  void isNoFloodOfSettings() throws Http2Exception {
    for (int i = 0; i < 1_000; i++) {
      frames().onSettingsRead(context, new Http2Settings());
    }
    assertThatThrownBy(() -> frames().onSettingsRead(context, new Http2Settings()))
        .isInstanceOf(Http2Exception.class)
        .hasMessage("too_many_settings");
  }

  private Http2FrameListener frames() {
    return http2.decoder().frameListener();
  }

  private long headerTable() {
    return http2.encoder().configuration().headersConfiguration().maxHeaderTableSize();
  }

  /** Keeps what it gets until the message is complete, as gRPC does. */
  private final class KeepsData extends Http2FrameAdapter {
    @Override
    public int onDataRead(
        ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean endOfStream) {
      kept.add(data.retain());
      return padding;
    }
  }
}
