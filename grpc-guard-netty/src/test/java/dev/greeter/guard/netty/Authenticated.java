package dev.greeter.guard.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Peer;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.fixture.Caller;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.TextService;
import io.grpc.MethodDescriptor.MethodType;

/** Authenticates a peer by a call that passes the check. */
final class Authenticated {

  private Authenticated() {}

  static <P extends Peer> P authenticated(P peer) throws InterruptedException {
    var caller = new Caller();
    caller.over(peer);
    var guard = Guard.builder(Secrets.of("secret")).build();
    try (var grpc = new InProcessGrpc(TextService.echo(), caller, guard.check())) {
      assertThat(grpc.send(MethodType.UNARY, "authorization", "secret").status().isOk()).isTrue();
    }
    assertThat(peer.isAuthenticated()).isTrue();
    return peer;
  }
}
