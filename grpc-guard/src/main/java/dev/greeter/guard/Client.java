package dev.greeter.guard;

import io.grpc.Context;

/**
 * The caller of a call with a named secret.
 *
 * <p>A handler that continues on another thread must propagate the context: {@code
 * Context.currentContextExecutor(executor)} does so.
 */
public interface Client {

  /**
   * The key of the client, for handlers and interceptors after the check. The value is null for a
   * call with an unnamed secret and for a call to an open service.
   */
  Context.Key<Client> KEY = Context.key("dev.greeter.guard.client");

  /** Returns whether a text is a valid name: letters, digits, '-', '_' and '.', at most 64. */
  static boolean isName(String text) {
    return text.matches("[A-Za-z0-9._-]{1,64}");
  }

  /** Returns the name of its secret. */
  String name();

  /** Returns whether its secret is still accepted, that is, neither revoked nor expired. */
  boolean isAccepted();
}
