package dev.greeter.guard.limit;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * Ends a call whose message is too large for its service, or comes in too small pieces, as its
 * bytes come: the limit of grpc-java 1.83 is one for the whole server, and each piece is kept in
 * objects of its own until the message is complete. What a tracer throws there ends the call as
 * that limit does.
 */
final class RequestSizeLimit extends ServerStreamTracer.Factory {

  /** What the pieces of a message are to have on average, and how many may have less. */
  private static final int PIECE_BYTES = 64;

  private static final int SMALL_PIECES = 16;

  private final ServicePolicies policies;

  RequestSizeLimit(ServicePolicies policies) {
    this.policies = policies;
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new Limit(policies.ofMethod(method).maxRequestBytes());
  }

  private static final class Limit extends ServerStreamTracer {

    private final int max;
    private long bytes;
    private int pieces;

    Limit(int max) {
      this.max = max;
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
      if (bytes > max) {
        throw refused("The request is larger than " + max + " bytes");
      }
      if (pieces > SMALL_PIECES + bytes / PIECE_BYTES) {
        throw refused("The request comes in too small pieces");
      }
    }

    private static RuntimeException refused(String reason) {
      return Status.RESOURCE_EXHAUSTED.withDescription(reason).asRuntimeException();
    }
  }
}
