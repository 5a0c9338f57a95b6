package dev.greeter.service.server;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies the small buffers that are written between two flushes into one. The three HTTP/2 frames
 * of a greeting are six buffers, for each of which Netty keeps 96 bytes until it is sent: without
 * this, a hundred greetings to a client that pauses would exceed the {@link OutboundLimit}. Each
 * write succeeds or fails as the merged one does.
 *
 * <p>While the peer does not read, what is merged goes in a buffer of its own size: 9 bytes would
 * otherwise occupy 16 KB for as long as the peer likes, as those of a TLS record do. A peer for
 * which too many writes wait loses its connection: each of them is kept by its writer.
 */
final class WriteCoalescer extends ChannelOutboundHandlerAdapter {

  /** What many greetings need; the pool has buffers of this size at hand. */
  private static final int CAPACITY = 16 * 1024;

  /** Larger ones are not worth a copy. */
  private static final int SMALL = 1024;

  /** Above what a hundred calls have, and what small messages have before nothing more is read. */
  private static final int MAX_WAITING = 2_000;

  private @Nullable ByteBuf merged;
  private List<ChannelPromise> promises = new ArrayList<>();
  private int waiting;
  private boolean unread;

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf buffer && buffer.readableBytes() <= SMALL) {
      merge(context, buffer, promise);
      return;
    }
    writeMerged(context);
    context.write(message instanceof ByteBuf buffer ? fitted(context, buffer) : message, promise);
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    writeMerged(context);
    context.flush();
    unread = waiting > 0;
    if (waiting > MAX_WAITING) {
      context.close();
    }
  }

  /** Fails what is left, once the connection is gone. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    writeMerged(context);
  }

  private void merge(ChannelHandlerContext context, ByteBuf buffer, ChannelPromise promise) {
    if (merged != null && merged.writableBytes() < buffer.readableBytes()) {
      writeMerged(context);
    }
    if (merged == null) {
      merged = allocate(context, CAPACITY);
    }
    if (merged == null) {
      context.write(buffer, promise);
      return;
    }
    merged.writeBytes(buffer);
    buffer.release();
    promises.add(promise);
  }

  private ByteBuf fitted(ChannelHandlerContext context, ByteBuf buffer) {
    int bytes = buffer.readableBytes();
    ByteBuf copy = unread && buffer.capacity() > 2 * bytes ? allocate(context, bytes) : null;
    if (copy == null) {
      return buffer;
    }
    copy.writeBytes(buffer);
    buffer.release();
    return copy;
  }

  /** Returns null if there is no memory left: what is to be written is sent as it is then. */
  private static @Nullable ByteBuf allocate(ChannelHandlerContext context, int bytes) {
    try {
      return context.alloc().directBuffer(bytes, bytes);
    } catch (OutOfMemoryError e) {
      return null;
    }
  }

  private void writeMerged(ChannelHandlerContext context) {
    if (merged != null) {
      ByteBuf buffer = merged;
      List<ChannelPromise> writes = promises;
      merged = null;
      promises = new ArrayList<>(writes.size());
      waiting += writes.size();
      context.write(fitted(context, buffer)).addListener(sent -> complete(writes, sent));
    }
  }

  private void complete(List<ChannelPromise> writes, Future<?> sent) {
    waiting -= writes.size();
    unread &= waiting > 0;
    for (ChannelPromise write : writes) {
      if (sent.isSuccess()) {
        write.trySuccess();
      } else {
        write.tryFailure(sent.cause());
      }
    }
  }
}
