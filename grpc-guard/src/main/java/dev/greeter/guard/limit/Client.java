package dev.greeter.guard.limit;

import io.grpc.Context;
import java.util.function.Consumer;

/** Who makes a call, if it came with a secret that has a name. */
public interface Client extends Peer.Proof {

  /**
   * Where a handler, and each interceptor behind the check, finds the client of its call. There is
   * none of a call with a secret that has no name, and of one to an open service.
   */
  Context.Key<Client> KEY = Context.key("dev.greeter.guard.client");

  /**
   * Where an interceptor in front of the check, which {@link #KEY} does not reach, says what is to
   * be told of the client when it is known.
   */
  Context.Key<Consumer<Client>> OBSERVER = Context.key("dev.greeter.guard.client-observer");

  /** Tells whether a text can be a name: of letters, digits, '-', '_' and '.', at most 64. */
  static boolean isName(String text) {
    return text.matches("[A-Za-z0-9._-]{1,64}");
  }

  /** Returns the name that its secret has. */
  String name();
}
