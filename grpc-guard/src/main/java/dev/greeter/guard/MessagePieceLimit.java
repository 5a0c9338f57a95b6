package dev.greeter.guard;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * Ends a call whose message arrives in too many small pieces: grpc-java 1.85 keeps each piece in
 * objects of its own until the message is complete, before any interceptor sees it.
 */
final class MessagePieceLimit extends ServerStreamTracer {

  /** The bytes that a piece must have on average, and how many pieces may be smaller. */
  private static final int PIECE_BYTES = 64;

  private static final int SMALL_PIECES = 16;

  private static final Status TOO_SMALL =
      Status.RESOURCE_EXHAUSTED.withDescription("The request comes in too small pieces");

  private long bytes;
  private int pieces;

  static ServerStreamTracer.Factory factory() {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new MessagePieceLimit();
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
    if (pieces > SMALL_PIECES + bytes / PIECE_BYTES) {
      throw TOO_SMALL.asRuntimeException();
    }
  }
}
