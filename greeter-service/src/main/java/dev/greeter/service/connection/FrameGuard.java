package dev.greeter.service.connection;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;

/** Keeps small what frames of a peer make gRPC 1.83 and Netty 4.2 keep, whatever they say. */
final class FrameGuard extends Http2FrameListenerDecorator {

  /** The size of RFC 9113, 6.5.2, if the peer sets none. */
  private static final long MAX_HEADER_TABLE = 4096;

  /** A piece of a message that is smaller is not worth the buffer that it came in. */
  private static final int SMALL = 4096;

  private final Http2ConnectionEncoder encoder;

  private FrameGuard(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder) {
    super(decoder.frameListener());
    this.encoder = encoder;
  }

  /** Puts the guard between a connection's frames and gRPC. */
  static void install(Http2ConnectionHandler connection) {
    var decoder = connection.decoder();
    decoder.frameListener(new FrameGuard(decoder, connection.encoder()));
  }

  /**
   * Copies a piece of a message that goes on: gRPC keeps it until the message is complete, and with
   * it the buffer of up to 64 KB in which it was read among other frames.
   */
  @Override
  public int onDataRead(
      ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean endOfStream)
      throws Http2Exception {
    if (endOfStream || data.readableBytes() > SMALL) {
      return super.onDataRead(context, stream, data, padding, endOfStream);
    }
    ByteBuf copy = context.alloc().buffer(data.readableBytes()).writeBytes(data);
    try {
      return super.onDataRead(context, stream, copy, padding, false);
    } finally {
      copy.release();
    }
  }

  /**
   * Sets a limit to the table of headers that the peer wants kept for it: Netty fills as much as it
   * asks for, up to 4 GB, with every header that has not been sent before.
   */
  @Override
  public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings)
      throws Http2Exception {
    super.onSettingsRead(context, settings);
    Http2HeadersEncoder.Configuration headers = encoder.configuration().headersConfiguration();
    if (headers.maxHeaderTableSize() > MAX_HEADER_TABLE) {
      headers.maxHeaderTableSize(MAX_HEADER_TABLE);
    }
  }
}
