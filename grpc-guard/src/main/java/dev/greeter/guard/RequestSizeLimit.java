package dev.greeter.guard;

import dev.greeter.guard.GuardEvents.Refusal;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Ends a call whose message comes in too small pieces, or to an open service is too large, as its
 * bytes come: the limit of grpc-java 1.83 is one for the whole server, and each piece is kept in
 * objects of its own until the message is complete.
 *
 * <p>A call to an open service is ended by its {@link LimitedCall}. What a tracer throws ends a
 * call as well, but leaves a stack trace: that is for callers with the secret, and spares their
 * calls the cost of a context.
 */
final class RequestSizeLimit extends ServerStreamTracer.Factory {

  /** What the pieces of a message are to have on average, and how many may have less. */
  private static final int PIECE_BYTES = 64;

  private static final int SMALL_PIECES = 16;

  private static final Context.Key<Limit> KEY = Context.key("dev.greeter.guard.request-size");

  private final ServicePolicies policies;

  RequestSizeLimit(ServicePolicies policies) {
    this.policies = policies;
  }

  /** Has the limit of the current call end it. */
  static void limits(LimitedCall<?, ?> call) {
    Limit limit = KEY.get();
    if (limit != null) {
      limit.call = call;
    }
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return policies.isOpenMethod(method)
        ? new Limit(policies.open().maxRequestBytes())
        : new Limit(0);
  }

  private static final class Limit extends ServerStreamTracer {

    private final int max;
    private volatile @Nullable LimitedCall<?, ?> call;
    private long bytes;
    private int pieces;

    Limit(int max) {
      this.max = max;
    }

    @Override
    public Context filterContext(Context context) {
      return max == 0 ? context : context.withValue(KEY, this);
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
      if (max > 0 && bytes > max) {
        refuse("The request is larger than " + max + " bytes");
      } else if (pieces > SMALL_PIECES + bytes / PIECE_BYTES) {
        refuse("The request comes in too small pieces");
      }
    }

    private void refuse(String reason) {
      Status status = Status.RESOURCE_EXHAUSTED.withDescription(reason);
      LimitedCall<?, ?> open = call;
      if (open == null) {
        throw status.asRuntimeException();
      }
      open.end(status, Refusal.REQUEST_SIZE);
    }
  }
}
