package dev.greeter.lab.attack;

import static dev.greeter.lab.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.lab.AttackScenario;
import dev.greeter.lab.Http2Peer;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Limits of minutes by default, shortened together where they do not interfere. */
class ShortLimitsIT {

  @Nested
  class Silence {

    @RegisterExtension
    static final AttackScenario SERVICE =
        new AttackScenario(
            directory ->
                Map.of(
                    "GREETER_SERVER_LIMITS_HANDSHAKE_TIMEOUT", "1s",
                    "GREETER_SERVER_LIMITS_CALL_IDLE", "1s",
                    "GRPC_SERVER_KEEPALIVETIME", "1s",
                    "GRPC_SERVER_KEEPALIVETIMEOUT", "1s"));

    @Test
    void endsSlowHandshakesIdleCallsAndUnresponsivePeers() throws Exception {
      SERVICE.withstands(
          callers -> {
            try (var withoutAck = Http2Peer.connect(SERVICE.port());
                var silent = Http2Peer.silent(SERVICE.port());
                var slow = Http2Peer.silent(SERVICE.port());
                var peer = Http2Peer.connect(SERVICE.port())) {
              withoutAck.send(greet(1, SECRET));
              for (byte one : PREFACE) {
                slow.drip(one);
              }
              assertThat(slow.hasBeenClosed()).isTrue();
              assertThat(silent.hasBeenClosed()).isTrue();

              peer.send(call(1, CHAT, SECRET));
              peer.send(call(3, HEALTH));
              peer.send(call(5, GREET, SECRET));
              for (byte one : message(false, 1_000, new byte[3])) {
                peer.drip(frame(DATA, 0, 5, one));
              }
              assertThat(peer.status(1)).isEqualTo("10 No message came for 1 s: call again");
              assertThat(peer.status(3)).startsWith("10 ");
              assertThat(peer.status(5)).startsWith("10 ");

              // After 11 s: gRPC sends pings at most every ten seconds.
              assertThat(withoutAck.hasBeenClosed()).isTrue();
            }
          });
    }
  }

  @Nested
  class Age {

    @RegisterExtension
    static final AttackScenario SERVICE =
        new AttackScenario(
            directory ->
                Map.of(
                    "GRPC_SERVER_MAXCONNECTIONIDLE", "1s",
                    "GRPC_SERVER_MAXCONNECTIONAGE", "3s",
                    "GRPC_SERVER_MAXCONNECTIONAGEGRACE", "1s"));

    @Test
    void closesIdleAndOldConnections() throws Exception {
      SERVICE.withstands(
          callers -> {
            try (var idle = Http2Peer.connect(SERVICE.port());
                var old = Http2Peer.connect(SERVICE.port())) {
              old.send(call(1, CHAT, SECRET));
              for (int i = 0; i < 2; i++) {
                assertThat(idle.goAway()).isEqualTo("max_idle");
                assertThat(old.goAway()).isEqualTo("max_age");
              }
              assertThat(idle.hasBeenClosed()).isTrue();
              assertThat(old.hasBeenClosed()).isTrue();
            }
          });
    }
  }

  @Nested
  class Connections {

    @RegisterExtension
    static final AttackScenario SERVICE =
        new AttackScenario(
            directory ->
                Map.of(
                    "GREETER_SERVER_LIMITS_UNAUTHENTICATED_CONNECTION_IDLE", "3s",
                    "GREETER_SERVER_LIMITS_MAX_CONNECTIONS", "60"));

    @Test
    void closesUnauthenticatedConnections() throws Exception {
      SERVICE.withstands(
          callers -> {
            try (var silent = Http2Peer.connect(SERVICE.port());
                var guessing = Http2Peer.connect(SERVICE.port());
                var caller = Http2Peer.connect(SERVICE.port())) {
              caller.send(greet(1, SECRET));
              assertThat(caller.status(1)).startsWith("0 ");
              guessing.send(greet(1, "authorization", "43"));
              assertThat(guessing.status(1)).startsWith("16 ");
              assertThat(silent.hasBeenClosed()).isTrue();
              assertThat(guessing.hasBeenClosed()).isTrue();
              caller.send(greet(3, SECRET));
              assertThat(caller.status(3)).startsWith("0 ");
            }
          });
    }

    /** Accepts others once those are closed: the control clients connect after that. */
    @Test
    void refusesConnectionsOverTotalLimit() throws Exception {
      SERVICE.withstands(
          callers -> {
            var peers = new ArrayList<Http2Peer>();
            for (int i = 0; i < 60; i++) {
              var peer = Http2Peer.silent(SERVICE.port(), "127.0.0." + (2 + i % 10), 0);
              peers.add(peer);
              peer.shakeHands().send(greet(1, SECRET));
              assertThat(peer.status(1)).startsWith("0 ");
            }
            for (int i = 0; i < 60; i++) {
              try (var peer = Http2Peer.silent(SERVICE.port(), "127.0.0." + (2 + i % 10), 0)) {
                assertThat(peer.isRefused()).isTrue();
              }
            }
            for (var peer : peers) {
              peer.close();
            }
          },
          callers -> {});
    }
  }
}
