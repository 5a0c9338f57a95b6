package dev.greeter.guard;

import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/**
 * What happens at the guard, for somebody who counts it. The methods are called by the thread that
 * the call is on, or the guard's own, which must not wait.
 */
public interface GuardEvents {

  /** Why a call was refused, or ended by the guard. */
  enum Refusal {
    /** It carried no secret. */
    SECRET_MISSING,
    /** What it carried is no secret of this service. */
    SECRET_WRONG,
    /** Its secret was one until it expired. */
    SECRET_EXPIRED,
    /** Its secret was taken away, or has expired, while it was open. */
    SECRET_REVOKED,
    /** Its address calls too often. */
    ADDRESS_RATE,
    /** Its address has had too many secrets refused. */
    FAILED_AUTHENTICATIONS,
    /** Its client calls too often. */
    CLIENT_RATE,
    /** Too many calls are open at once. */
    CONCURRENT_CALLS,
    /** Nothing was said in it for too long. */
    IDLE,
    /** It was open for too long. */
    DURATION,
    /** The service is stopping. */
    STOPPING
  }

  /**
   * A call was refused, or ended by the guard.
   *
   * @param client the client, if its secret has a name
   */
  default void refused(Refusal reason, ServerCall<?, ?> call, @Nullable Client client) {}

  /** A call was let through whose secret has a name. */
  default void accepted(Client client) {}

  /** A call was let through with the previous secret. */
  default void previousSecretUsed() {}
}
