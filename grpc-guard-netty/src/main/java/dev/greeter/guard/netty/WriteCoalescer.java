package dev.greeter.guard.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Merges small buffers that are written between two flushes. The three HTTP/2 frames of a greeting
 * are six buffers, and Netty keeps 96 bytes for each until it is sent: otherwise, a hundred
 * greetings to a paused client would exceed the {@link OutboundLimit}. Each write succeeds or fails
 * with the merged one.
 *
 * <p>While the peer does not read, merged data is copied to a buffer of its size: otherwise, 9
 * bytes would occupy 16 KB indefinitely, as those of a TLS record do. A peer with too many pending
 * writes is disconnected: their writers keep them.
 */
final class WriteCoalescer extends ChannelOutboundHandlerAdapter {

  /** Enough for many greetings; the pool has buffers of this size available. */
  private static final int CAPACITY = 16 * 1024;

  /** Larger ones are not worth a copy. */
  private static final int SMALL = 1024;

  /** Above the writes of a hundred calls, and of small messages before reading stops. */
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

  /** Fails the remaining writes once the connection is closed. */
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

  /** Returns null if there is no memory left: the original buffer is then sent. */
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
