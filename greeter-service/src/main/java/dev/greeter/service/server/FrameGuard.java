package dev.greeter.service.server;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import io.grpc.netty.shaded.io.netty.util.AsciiString;

/** Keeps small what frames of a peer make gRPC 1.83 and Netty 4.2 keep, whatever they contain. */
final class FrameGuard extends Http2FrameListenerDecorator {

  /** The size of RFC 9113, 6.5.2, if the peer sets none. */
  private static final long MAX_HEADER_TABLE = 4096;

  /**
   * Those of clients that fit their windows to the network, and no flood: each leaves its trace.
   */
  private static final int MAX_SETTINGS = 1_000;

  /** A larger piece of a message is worth the buffer that it came in. */
  private static final int SMALL = 8 * 1024;

  private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  private static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString HOST = AsciiString.cached("host");

  private final Http2ConnectionHandler http2;
  private int settings;

  private FrameGuard(Http2FrameListener grpc, Http2ConnectionHandler http2) {
    super(grpc);
    this.http2 = http2;
  }

  /** Puts the guard between a connection's frames and gRPC; the first SETTINGS have been read. */
  static void install(Http2ConnectionHandler connection) throws Http2Exception {
    var decoder = connection.decoder();
    var guard = new FrameGuard(decoder.frameListener(), connection);
    guard.limitHeaderTable();
    decoder.frameListener(guard);
  }

  /**
   * Copies a piece of a message that goes on: gRPC keeps it until the message is complete, and with
   * it the buffer of up to 64 KB in which it was read among other frames. An empty piece is none.
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
    ByteBuf copy = context.alloc().buffer(data.readableBytes()).writeBytes(data);
    try {
      return super.onDataRead(context, stream, copy, padding, false);
    } finally {
      copy.release();
    }
  }

  /**
   * Resets what is not a gRPC call. gRPC would answer it as HTTP does, before any interceptor runs,
   * with DATA that repeats what the peer has sent and waits for its window. Of more headers on the
   * stream of a call it would make another call, and forget the first without ending it.
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
      // As if the peer had reset it: that counts, and ends a call that is there.
      long code = Http2Error.PROTOCOL_ERROR.code();
      super.onRstStreamRead(context, stream, code);
      http2.resetStream(context, stream, code, context.newPromise());
    }
  }

  /** The conditions of NettyServerHandler; trailers of a client, which gRPC has not, meet none. */
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
   * Sets a limit to the table of headers that the peer wants kept for it: Netty fills as much as it
   * asks for, up to 4 GB, with every header that has not been sent before.
   */
  private void limitHeaderTable() throws Http2Exception {
    var headers = http2.encoder().configuration().headersConfiguration();
    if (headers.maxHeaderTableSize() > MAX_HEADER_TABLE) {
      headers.maxHeaderTableSize(MAX_HEADER_TABLE);
    }
  }
}
