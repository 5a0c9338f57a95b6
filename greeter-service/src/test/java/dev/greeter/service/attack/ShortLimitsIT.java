package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.CHAT;
import static dev.greeter.service.attack.Http2Peer.DATA;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.GREET;
import static dev.greeter.service.attack.Http2Peer.HEALTH;
import static dev.greeter.service.attack.Http2Peer.SECRET;
import static dev.greeter.service.attack.Http2Peer.call;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Limits that take minutes as they come: one of them short in each test, the others as they are.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class ShortLimitsIT {

  @Test
  void closesAConnectionWhoseHandshakeDoesNotEnd() throws Exception {
    try (var service =
        new AttackedService(Map.of("GREETER_SERVER_LIMITS_HANDSHAKE_TIMEOUT", "1s"))) {
      service.withstands(
          0,
          () -> {
            try (var silent = Http2Peer.silent(service.port());
                var slow = Http2Peer.silent(service.port())) {
              for (byte one : Http2Peer.PREFACE) {
                slow.drip(one);
              }
              assertThat(slow.hasBeenClosed()).isTrue();
              assertThat(silent.hasBeenClosed()).isTrue();
            }
          });
    }
  }

  @Test
  void endsCallsForWhichNoWholeMessageComes() throws Exception {
    try (var service = new AttackedService(Map.of("GREETER_SERVER_LIMITS_CALL_IDLE", "1s"))) {
      service.withstands(
          0,
          () -> {
            try (var peer = Http2Peer.connect(service.port())) {
              peer.send(call(1, CHAT, SECRET));
              peer.send(call(3, HEALTH));
              peer.send(call(5, GREET, SECRET));
              for (byte one : message(false, 1_000, new byte[3])) {
                peer.drip(frame(DATA, 0, 5, one));
              }
              assertThat(peer.status(1)).isEqualTo("10 No message came for 1 s: call again");
              assertThat(peer.status(3)).startsWith("10 ");
              assertThat(peer.status(5)).startsWith("10 ");
            }
          });
    }
  }

  @Test
  void closesAConnectionWithoutCalls() throws Exception {
    try (var service = new AttackedService(Map.of("GRPC_SERVER_MAXCONNECTIONIDLE", "1s"))) {
      service.withstands(
          0,
          () -> {
            try (var peer = Http2Peer.connect(service.port())) {
              assertThat(peer.goAway()).isEqualTo("max_idle");
              assertThat(peer.goAway()).isEqualTo("max_idle");
              assertThat(peer.hasBeenClosed()).isTrue();
            }
          });
    }
  }

  @Test
  void closesAConnectionThatIsOldInTheMiddleOfItsCalls() throws Exception {
    var settings =
        Map.of("GRPC_SERVER_MAXCONNECTIONAGE", "1s", "GRPC_SERVER_MAXCONNECTIONAGEGRACE", "1s");
    try (var service = new AttackedService(settings)) {
      service.withstands(
          0,
          () -> {
            try (var peer = Http2Peer.connect(service.port())) {
              peer.send(call(1, CHAT, SECRET));
              assertThat(peer.goAway()).isEqualTo("max_age");
              assertThat(peer.goAway()).isEqualTo("max_age");
              assertThat(peer.hasBeenClosed()).isTrue();
            }
          });
    }
  }

  /** It takes 11 s: gRPC sends pings ten seconds apart at the most often. */
  @Test
  void closesAConnectionWhosePeerAnswersNoPing() throws Exception {
    var settings = Map.of("GRPC_SERVER_KEEPALIVETIME", "1s", "GRPC_SERVER_KEEPALIVETIMEOUT", "1s");
    try (var service = new AttackedService(settings)) {
      service.withstands(
          0,
          () -> {
            try (var peer = Http2Peer.connect(service.port())) {
              assertThat(peer.hasBeenClosed()).isTrue();
            }
          });
    }
  }

  @Test
  void closesAConnectionThatHasNotShownTheSecret() throws Exception {
    try (var service =
        new AttackedService(
            Map.of("GREETER_SERVER_LIMITS_UNAUTHENTICATED_CONNECTION_IDLE", "3s"))) {
      service.withstands(
          0,
          () -> {
            try (var silent = Http2Peer.connect(service.port());
                var guessing = Http2Peer.connect(service.port());
                var caller = Http2Peer.connect(service.port())) {
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
  }

  /** And admits others once those are closed: the well-behaved client connects again. */
  @Test
  void refusesAConnectionTooManyFromWhateverAddress() throws Exception {
    try (var service = new AttackedService(Map.of("GREETER_SERVER_LIMITS_MAX_CONNECTIONS", "60"))) {
      service.withstands(
          1,
          () -> {
            var peers = new ArrayList<Http2Peer>();
            for (int i = 0; i < 59; i++) {
              var peer = Http2Peer.silent(service.port(), "127.0.0." + (2 + i % 10));
              peers.add(peer);
              peer.shakeHands();
              peer.send(greet(1, SECRET));
              assertThat(peer.status(1)).startsWith("0 ");
            }
            for (int i = 0; i < 59; i++) {
              try (var peer = Http2Peer.silent(service.port(), "127.0.0." + (2 + i % 10))) {
                assertThat(peer.isRefused()).isTrue();
              }
            }
            for (var peer : peers) {
              peer.close();
            }
          });
    }
  }

  private static byte[] greet(int stream, String... secret) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(call(stream, GREET, secret));
    bytes.writeBytes(
        frame(DATA, END_STREAM, stream, message(false, 5, new byte[] {10, 3, 65, 100, 97})));
    return bytes.toByteArray();
  }
}
