package dev.greeter.guard.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what is kept of a peer's frames. */
class FrameGuardTest {

  private static final Http2Settings LARGE_TABLE = new Http2Settings().headerTableSize(1 << 30);

  private final List<ByteBuf> kept = new ArrayList<>();
  private int calls;
  private int resets;
  private int settings;
  private final AtomicInteger room = new AtomicInteger(20);
  private final Http2ConnectionHandler http2 =
      new Http2ConnectionHandlerBuilder().server(true).frameListener(new KeepsData()).build();
  private final EmbeddedChannel connection = new EmbeddedChannel(http2);
  private final ChannelHandlerContext context = connection.pipeline().context(http2);
  private final ByteBuf read = Unpooled.buffer(64 * 1024).writeZero(64 * 1024);

  @BeforeEach
  void install() throws Http2Exception {
    http2.encoder().remoteSettings(LARGE_TABLE);
    FrameGuard.install(http2, room);
  }

  @AfterEach
  void gaveBackEveryBuffer() {
    kept.forEach(ByteBuf::release);
    assertThat(read.refCnt()).isEqualTo(1);
    read.release();
    connection.finishAndReleaseAll();
  }

  @Test
  void copiesDataInsteadOfRetainingReadBuffer() throws Http2Exception {
    assertThat(frames().onDataRead(context, 1, read.slice(0, 3), 5, false)).isEqualTo(5);
    assertThat(frames().onDataRead(context, 1, read.slice(0, 8192), 0, false)).isZero();
    assertThat(read.refCnt()).isEqualTo(1);
    assertThat(kept).hasSize(2);
    assertThat(kept.get(0).readableBytes()).isEqualTo(3);
    assertThat(kept.get(0).refCnt()).isEqualTo(1);
  }

  @Test
  void dropsEmptyData() throws Http2Exception {
    assertThat(frames().onDataRead(context, 1, read.slice(0, 0), 7, false)).isEqualTo(7);
    assertThat(kept).isEmpty();
  }

  @Test
  void passesLastAndLargeDataUncopied() throws Http2Exception {
    assertThat(frames().onDataRead(context, 1, read.slice(0, 3), 5, true)).isEqualTo(5);
    frames().onDataRead(context, 1, read.slice(0, 10_000), 0, false);
    assertThat(kept).hasSize(2);
    assertThat(read.refCnt()).isEqualTo(3);
  }

  @Test
  void limitsSmallPiecesOfAllConnections() throws Http2Exception {
    sendPieces(20, 255);
    sendPieces(1, 256);
    assertThatThrownBy(() -> sendPieces(1, 1))
        .isInstanceOf(Http2Exception.class)
        .hasMessage("too_many_small_frames");

    kept.forEach(ByteBuf::release);
    kept.clear();
    assertThat(room).hasValue(20);
    sendPieces(20, 1);
  }

  @Test
  void leavesFewSmallPiecesToEachConnection() throws Http2Exception {
    room.set(0);
    sendPieces(16, 1);
    assertThatThrownBy(() -> sendPieces(1, 1)).isInstanceOf(Http2Exception.class);
  }

  private void sendPieces(int number, int bytes) throws Http2Exception {
    for (int i = 0; i < number; i++) {
      frames().onDataRead(context, 1, read.slice(0, bytes), 0, false);
    }
  }

  @Test
  void capsHeaderTableSize() throws Http2Exception {
    assertThat(headerTable()).isEqualTo(4096);
    http2.encoder().remoteSettings(LARGE_TABLE);
    frames().onSettingsRead(context, LARGE_TABLE);
    assertThat(headerTable()).isEqualTo(4096);
    assertThat(settings).isEqualTo(1);
  }

  @Test
  void limitsSettingsFrames() throws Http2Exception {
    for (int i = 0; i < 1_000; i++) {
      frames().onSettingsRead(context, new Http2Settings());
    }
    assertThatThrownBy(() -> frames().onSettingsRead(context, new Http2Settings()))
        .isInstanceOf(Http2Exception.class)
        .hasMessage("too_many_settings");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "POST, path/without, application/grpc",
        "POST, '', application/grpc",
        "POST, -, application/grpc",
        "GET, /tutorial.Greeter/Greet, application/grpc",
        "-, /tutorial.Greeter/Greet, application/grpc",
        "POST, /tutorial.Greeter/Greet, -",
        "POST, /tutorial.Greeter/Greet, application/json",
        "POST, /tutorial.Greeter/Greet, application/grp",
        "POST, /tutorial.Greeter/Greet, application/grpcx",
      })
  void resetsNonGrpcRequests(@Nullable String method, @Nullable String path, @Nullable String type)
      throws Http2Exception {
    assertThat(isCall(headers(method, path, type))).isFalse();
  }

  @Test
  void resetsCallsWithTwoHosts() throws Http2Exception {
    Http2Headers two =
        headers("POST", "/a/b", "application/grpc").add("host", "a").add("host", "b");
    assertThat(isCall(two)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/grpc", "application/grpc+proto", "Application/GRPC;charset=utf-8"})
  void passesHeadersOfGrpcCalls(String type) throws Http2Exception {
    assertThat(isCall(headers("POST", "/a/b", type))).isTrue();
    assertThat(isCall(headers("POST", "/a/b", type).add("host", "a"))).isTrue();
  }

  @Test
  void resetsCallOnSecondHeaders() throws Exception {
    var id = http2.connection().remote().incrementAndGetNextStreamId();
    Http2Stream stream = http2.connection().remote().createStream(id, false);
    for (int i = 0; i < 2; i++) {
      stream.headersReceived(false);
      frames()
          .onHeadersRead(
              context,
              id,
              headers("POST", "/a/b", "application/grpc"),
              0,
              (short) 16,
              false,
              0,
              true);
    }
    assertThat(calls).isEqualTo(1);
    assertThat(resets).isEqualTo(1);
    assertThat(stream.isResetSent()).isTrue();
  }

  /** Returns whether headers reach gRPC; otherwise the stream was reset. */
  private boolean isCall(Http2Headers headers) throws Http2Exception {
    int id = http2.connection().remote().incrementAndGetNextStreamId();
    Http2Stream stream = http2.connection().remote().createStream(id, true);
    calls = 0;
    frames().onHeadersRead(context, id, headers, 0, (short) 16, false, 0, true);
    assertThat(stream.isResetSent()).isEqualTo(calls == 0);
    assertThat(resets > 0).isEqualTo(calls == 0);
    return calls == 1;
  }

  private static Http2Headers headers(
      @Nullable String method, @Nullable String path, @Nullable String type) {
    var headers = new DefaultHttp2Headers(false);
    if (method != null) {
      headers.method(method);
    }
    if (path != null) {
      headers.path(path);
    }
    return type == null ? headers : headers.add("content-type", type);
  }

  private Http2FrameListener frames() {
    return http2.decoder().frameListener();
  }

  private long headerTable() {
    return http2.encoder().configuration().headersConfiguration().maxHeaderTableSize();
  }

  /** Keeps data until the message is complete, as gRPC does. */
  private final class KeepsData extends Http2FrameAdapter {
    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings read) {
      settings++;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int stream, long code) {
      resets++;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int stream,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean endOfStream) {
      calls++;
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean endOfStream) {
      kept.add(data.retain());
      return padding;
    }
  }
}
