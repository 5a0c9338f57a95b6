package dev.greeter.service.connection;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;

/** Keeps small what frames of a peer make gRPC 1.83 and Netty 4.2 keep, whatever they say. */
final class FrameGuard extends Http2FrameListenerDecorator {

  /** The size of RFC 9113, 6.5.2, if the peer sets none. */
  private static final long MAX_HEADER_TABLE = 4096;

  /**
   * Those of clients that fit their windows to the network, and no flood: each leaves its trace.
   */
  private static final int MAX_SETTINGS = 1_000;

  /** A larger piece of a message is worth the buffer that it came in. */
  private static final int SMALL = 8 * 1024;

  private final Http2HeadersEncoder.Configuration headers;
  private int settings;

  private FrameGuard(Http2FrameListener grpc, Http2HeadersEncoder.Configuration headers) {
    super(grpc);
    this.headers = headers;
  }

  /** Puts the guard between a connection's frames and gRPC; the first SETTINGS have been read. */
  static void install(Http2ConnectionHandler connection) throws Http2Exception {
    var decoder = connection.decoder();
    var headers = connection.encoder().configuration().headersConfiguration();
    var guard = new FrameGuard(decoder.frameListener(), headers);
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
    if (headers.maxHeaderTableSize() > MAX_HEADER_TABLE) {
      headers.maxHeaderTableSize(MAX_HEADER_TABLE);
    }
  }
}
