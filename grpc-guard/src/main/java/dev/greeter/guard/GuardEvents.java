package dev.greeter.guard;

import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/**
 * Receives the events of the guard, for example to count them. The methods run on the thread that
 * causes the event: a call's, the transport's or the guard's own. They must neither block nor
 * throw.
 */
public interface GuardEvents {

  /** The reason why a call was refused or ended by the guard. */
  enum Refusal {
    /** It carried no secret. */
    SECRET_MISSING,
    /** It carried a value that is not a secret of this service. */
    SECRET_WRONG,
    /** Its secret has expired. */
    SECRET_EXPIRED,
    /** Its secret does not permit its method, or no longer does. */
    METHOD_NOT_PERMITTED,
    /** Its secret was revoked or expired while the call was open. */
    SECRET_REVOKED,
    /** Its address calls too often. */
    ADDRESS_RATE,
    /** Its address sent too many refused secrets. */
    FAILED_AUTHENTICATIONS,
    /** Its client calls too often. */
    CLIENT_RATE,
    /** Too many calls are open at once. */
    CONCURRENT_CALLS,
    /** It was idle for too long. */
    IDLE,
    /** It was open for too long. */
    DURATION,
    /** The service is stopping. */
    STOPPING
  }

  /**
   * Called when a call was refused or ended by the guard.
   *
   * @param client the client, if its secret has a name
   */
  default void refused(Refusal reason, ServerCall<?, ?> call, @Nullable Client client) {}

  /** Called when a call with a named secret was accepted. */
  default void accepted(Client client) {}

  /** Called when a connection was refused, or evicted before it authenticated. */
  default void connectionRefused() {}

  /** Called when a call with the previous secret was accepted. */
  default void previousSecretUsed() {}
}
