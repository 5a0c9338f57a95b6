package dev.greeter.guard.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;
import java.util.concurrent.atomic.AtomicInteger;

/** Limits the memory that any frames of a peer can occupy in gRPC 1.83 and Netty 4.2. */
final class FrameGuard extends Http2FrameListenerDecorator {

  /** The default size of RFC 9113, 6.5.2. */
  private static final long MAX_HEADER_TABLE = 4096;

  /** Enough for clients that adapt their windows to the network, but not for a flood. */
  private static final int MAX_SETTINGS = 1_000;

  /**
   * A smaller piece counts: gRPC keeps each in objects of more than a hundred bytes until a handler
   * requests it and its message is complete, and a window counts only what it contains.
   */
  private static final int TINY = 256;

  /** Such pieces that a connection may have even if all connections together have too many. */
  private static final int FEW = 16;

  /** A larger piece of a message justifies keeping its buffer. */
  private static final int SMALL = 8 * 1024;

  private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  private static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString HOST = AsciiString.cached("host");

  private final Http2ConnectionHandler http2;
  private final AtomicInteger room;
  private final AtomicInteger pieces = new AtomicInteger();
  private int settings;

  private FrameGuard(Http2FrameListener grpc, Http2ConnectionHandler http2, AtomicInteger room) {
    super(grpc);
    this.http2 = http2;
    this.room = room;
  }

  /**
   * Puts the guard between a connection's frames and gRPC; the first SETTINGS have been read.
   *
   * @param room how many more small pieces of messages all connections together may have
   */
  static void install(Http2ConnectionHandler connection, AtomicInteger room) throws Http2Exception {
    var decoder = connection.decoder();
    var guard = new FrameGuard(decoder.frameListener(), connection, room);
    guard.limitHeaderTable();
    decoder.frameListener(guard);
  }

  /**
   * Copies a piece of an incomplete message: gRPC keeps it until the message is complete, together
   * with the buffer of up to 64 KB that it shares with other frames. An empty piece is dropped.
   */
  @Override
  public int onDataRead(
      ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean endOfStream)
      throws Http2Exception {
    if (endOfStream || data.readableBytes() > SMALL) {
      return super.onDataRead(context, stream, data, padding, endOfStream);
    }
    if (!data.isReadable()) {
      return padding;
    }
    ByteBuf copy =
        data.readableBytes() < TINY
            ? new Piece(context.alloc(), data.readableBytes())
            : context.alloc().buffer(data.readableBytes());
    try {
      if (room.get() < 0 && pieces.get() > FEW) {
        throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too_many_small_frames");
      }
      return super.onDataRead(context, stream, copy.writeBytes(data), padding, false);
    } finally {
      copy.release();
    }
  }

  /** A copied piece, which counts until gRPC releases it. */
  private final class Piece extends UnpooledHeapByteBuf {

    Piece(ByteBufAllocator allocator, int bytes) {
      super(allocator, bytes, bytes);
      pieces.incrementAndGet();
      room.decrementAndGet();
    }

    @Override
    protected void deallocate() {
      super.deallocate();
      pieces.decrementAndGet();
      room.incrementAndGet();
    }
  }

  /**
   * Resets anything but a gRPC call. gRPC would answer it over HTTP, before any interceptor runs,
   * with DATA that repeats what the peer sent and waits for its window. For more headers on the
   * stream of a call, gRPC would create another call and forget the first without ending it.
   */
  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int stream,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    if (isCall(headers) && !http2.connection().stream(stream).isTrailersReceived()) {
      super.onHeadersRead(
          context, stream, headers, dependency, weight, exclusive, padding, endOfStream);
    } else {
      // As if the peer had reset it: counts as a reset, and ends an existing call.
      long code = Http2Error.PROTOCOL_ERROR.code();
      super.onRstStreamRead(context, stream, code);
      http2.resetStream(context, stream, code, context.newPromise());
    }
  }

  /** The conditions of NettyServerHandler; client trailers, which gRPC does not use, meet none. */
  private static boolean isCall(Http2Headers headers) {
    CharSequence path = headers.path();
    CharSequence type = headers.get(CONTENT_TYPE);
    return path != null
        && path.length() > 0
        && path.charAt(0) == '/'
        && type != null
        && AsciiString.regionMatches(type, true, 0, GRPC, 0, GRPC.length())
        && (type.length() == GRPC.length() || "+;".indexOf(type.charAt(GRPC.length())) >= 0)
        && AsciiString.contentEquals("POST", headers.method())
        && (headers.authority() != null || headers.getAll(HOST).size() < 2);
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext context, Http2Settings read)
      throws Http2Exception {
    if (++settings > MAX_SETTINGS) {
      throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too_many_settings");
    }
    super.onSettingsRead(context, read);
    limitHeaderTable();
  }

  /**
   * Limits the header table that the peer requests: Netty before 4.2.18 fills the requested size,
   * up to 4 GB, with every header that was not sent before. grpc-netty 1.85 brings 4.2.17.
   */
  private void limitHeaderTable() throws Http2Exception {
    var headers = http2.encoder().configuration().headersConfiguration();
    if (headers.maxHeaderTableSize() > MAX_HEADER_TABLE) {
      headers.maxHeaderTableSize(MAX_HEADER_TABLE);
    }
  }
}
