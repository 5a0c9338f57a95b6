package dev.greeter.guard;

import io.grpc.Context;

/**
 * The caller of a call whose secret has a name.
 *
 * <p>A handler that goes on in another thread takes the context along: {@code
 * Context.currentContextExecutor(executor)} returns an executor that does.
 */
public interface Client {

  /**
   * Where a handler, and each interceptor behind the check, finds the client of its call. It is
   * null for a call with a secret that has no name, and for one to an open service.
   */
  Context.Key<Client> KEY = Context.key("dev.greeter.guard.client");

  /** Returns whether a text can be a name: letters, digits, '-', '_' and '.', at most 64. */
  static boolean isName(String text) {
    return text.matches("[A-Za-z0-9._-]{1,64}");
  }

  /** Returns the name that its secret has. */
  String name();

  /** Returns whether its secret is still accepted: it may have been taken away, or have expired. */
  boolean isAccepted();
}
