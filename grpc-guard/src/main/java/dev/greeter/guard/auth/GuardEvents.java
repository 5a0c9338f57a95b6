package dev.greeter.guard.auth;

/**
 * What happens at the check, for somebody who counts it. The methods are called by the thread that
 * the call is on, which must not wait.
 */
public interface GuardEvents {

  /** Counts nothing. */
  GuardEvents NONE = new GuardEvents() {};

  /** A call was refused that carried no secret. */
  default void secretMissing() {}

  /** A call was refused: what it carried is no secret of this service. */
  default void secretWrong() {}

  /** A call was refused: its secret was one until it ended. */
  default void secretEnded() {}

  /**
   * A call was let through whose secret has a name.
   *
   * @param client the name
   */
  default void clientAccepted(String client) {}

  /** A call was let through with a secret that is to go. */
  default void previousSecretUsed() {}
}
