package dev.greeter.service.calls;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * Ends a call of an open service whose message is too large, as its bytes come: the limit of
 * grpc-java 1.83 is one for the whole server. What a tracer throws there ends the call as that
 * limit does.
 */
public final class RequestSizeLimit extends ServerStreamTracer.Factory {

  /** What a piece takes at least: a message that comes byte by byte is kept in as many objects. */
  private static final int PIECE_BYTES = 64;

  private static final ServerStreamTracer NONE = new ServerStreamTracer() {};

  private final ServicePolicies policies;

  /**
   * Creates the limit.
   *
   * @param policies how large a message may be; that of guarded services is the server's own limit
   */
  public RequestSizeLimit(ServicePolicies policies) {
    this.policies = policies;
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return policies.isOpen(MethodDescriptor.extractFullServiceName(method))
        ? new Limit(policies.open().maxRequestBytes())
        : NONE;
  }

  private static final class Limit extends ServerStreamTracer {

    private final int max;
    private long taken;

    Limit(int max) {
      this.max = max;
    }

    @Override
    public void inboundMessage(int number) {
      taken = 0;
    }

    @Override
    public void inboundWireSize(long bytes) {
      taken += Math.max(bytes, PIECE_BYTES);
      if (taken > max) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription("The request is larger than " + max + " bytes")
            .asRuntimeException();
      }
    }
  }
}
