package dev.greeter.guard;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * Ends a call whose message is too large for an open service or arrives in too many small pieces.
 * grpc-java 1.85 has one size limit for the whole server, and keeps each piece in separate objects
 * until the message is complete, before any interceptor runs.
 */
final class RequestLimit extends ServerStreamTracer {

  /** The minimum average size of a piece, and how many pieces may be smaller. */
  private static final int PIECE_BYTES = 64;

  private static final int SMALL_PIECES = 16;

  private static final Status REFUSED =
      Status.RESOURCE_EXHAUSTED.withDescription(
          "The request is too large, or comes in too small pieces");

  private final int maxBytes;

  private long bytes;
  private int pieces;

  private RequestLimit(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  static ServerStreamTracer.Factory factory(Guard.Builder settings) {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new RequestLimit(
            settings.isOpen(method) ? settings.openServiceRequestBytes : Integer.MAX_VALUE);
      }
    };
  }

  @Override
  public void inboundMessage(int number) {
    bytes = 0;
    pieces = 0;
  }

  @Override
  public void inboundWireSize(long more) {
    bytes += more;
    pieces++;
    if (bytes > maxBytes || pieces > SMALL_PIECES + bytes / PIECE_BYTES) {
      throw REFUSED.asRuntimeException();
    }
  }
}
