package dev.greeter.lab.attack;

import static dev.greeter.lab.Http2Frames.*;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Bytes;
import dev.greeter.lab.AttackScenario;
import dev.greeter.lab.Http2Peer;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients, most of them with the secret, that exceed one limit and are notified. */
class MisbehavingClientIT {

  private static final int FLOW_CONTROL_ERROR = 3;
  private static final int REFUSED_STREAM = 7;

  @RegisterExtension static final AttackScenario SERVICE = AttackScenario.withDefaults();

  private interface Attack {
    void over(Http2Peer peer) throws Exception;
  }

  /** Attacks over one connection. */
  private static void withstands(Attack attack) throws Exception {
    SERVICE.withstands(
        callers -> {
          try (var peer = Http2Peer.connect(SERVICE.port())) {
            attack.over(peer);
          }
        });
  }

  /** Attacks over several connections, which stay open until the attack ends. */
  private static void flood(int connections, Attack attack) throws Exception {
    var peers = new ArrayList<Http2Peer>();
    try {
      for (int i = 0; i < connections; i++) {
        var peer = Http2Peer.connect(SERVICE.port());
        peers.add(peer);
        attack.over(peer);
      }
    } finally {
      for (var peer : peers) {
        peer.close();
      }
    }
  }

  /** CVE-2023-44487. */
  @Test
  void closesConnectionOnRapidResets() throws Exception {
    withstands(
        first -> {
          first.send(rapidResets(505, SECRET));
          assertThat(first.goAway()).isEqualTo("too_many_rststreams");
          assertThat(first.hasBeenClosed()).isTrue();
          flood(
              10,
              peer -> {
                peer.flood(1, rapidResets(10_000, SECRET));
                assertThat(peer.hasBeenClosed()).isTrue();
              });
        });
  }

  @Test
  void refusesMoreThanHundredCallsPerConnection() throws Exception {
    withstands(
        peer -> {
          peer.calls(101, stream -> peer.send(call(stream, CHAT, SECRET)));
          assertThat(peer.reset(201)).isEqualTo(REFUSED_STREAM);
        });
  }

  /**
   * 16 connections with 8 MB each, which together exceed the heap. Netty accepts at most 16 almost
   * empty frames.
   */
  @ParameterizedTest
  @CsvSource({
    "0, 20, Number of small consecutive continuations frames",
    "1, 20, Number of small consecutive continuations frames",
    "8000, 2, Header size exceeded max allowed size (10240)",
  })
  void closesConnectionOnContinuationFlood(int length, int frames, String reason) throws Exception {
    byte[] more = frame(CONTINUATION, 0, 1, new byte[length]);
    byte[] begin = frame(HEADERS, 0, 1, headerBlock(GREET));
    withstands(
        first -> {
          first.send(begin);
          first.flood(frames, more);
          assertThat(first.goAway()).startsWith(reason);
          flood(
              16,
              peer -> {
                peer.send(begin);
                peer.flood(1_000, more);
                assertThat(peer.hasBeenClosed()).isTrue();
              });
        });
  }

  @Test
  void rejectsOversizedHeaders() throws Exception {
    withstands(
        peer -> {
          peer.send(call(1, GREET, "x-large", "x".repeat(9_000)));
          assertThat(peer.headers(1).status()).asString().isEqualTo("431");
          peer.send(call(3, GREET, "x-larger", "x".repeat(15_000)));
          assertThat(peer.hasBeenClosed()).isTrue();
        });
  }

  /** Without the secret: health answers anyone. gRPC itself rejects a truncated message. */
  @Test
  void rejectsMessagesOfInvalidLength() throws Exception {
    withstands(
        peer -> {
          int[] lengths = {8_193, Integer.MAX_VALUE, -1, 100};
          for (int i = 0; i < 100; i++) {
            byte[] message = message(false, lengths[i % 4], (byte) 10);
            peer.request(2 * i + 1, HEALTH, i % 4 == 3 ? END_STREAM : 0, message);
          }
          for (int i = 0; i < 100; i++) {
            assertThat(peer.status(2 * i + 1)).startsWith(i % 4 == 3 ? "13 " : "8 ");
          }
        });
  }

  /** 32 MB of one letter, in 32 KB: a few of these exceed the heap. */
  @Test
  void rejectsDecompressionBomb() throws Exception {
    byte[] bomb = compressedQuestion("x".repeat(32 << 20));
    withstands(
        peer -> {
          for (int stream = 1; stream < 100; stream += 2) {
            peer.request(stream, HEALTH, END_STREAM, bomb, "grpc-encoding", "gzip");
            assertThat(peer.status(stream)).startsWith("8 ");
          }
        });
  }

  /** 1 MB in each of 200 calls, sent ahead while the service waits for its answers to be read. */
  @Test
  void limitsMemoryForPeerThatNeverReads() throws Exception {
    byte[] names = repeat(15, question("x".repeat(1_000)));
    withstands(
        first -> {
          first.send(call(1, CHAT, SECRET));
          first.flood(20, frame(DATA, 0, 1, names));
          assertThat(first.reset(1)).isEqualTo(FLOW_CONTROL_ERROR);
          flood(
              2,
              peer -> {
                peer.calls(100, stream -> peer.flood(1, call(stream, CHAT, SECRET)));
                for (int round = 0; round < 64; round++) {
                  peer.calls(100, stream -> peer.flood(1, frame(DATA, 0, stream, names)));
                }
              });
        });
  }

  /**
   * A frame with one byte occupies more than a hundred while an answer is not read. grpc-java 1.85
   * merges them above 1,000 in a call.
   */
  @Test
  void limitsSmallFramesWaitingForHandlers() throws Exception {
    withstands(
        first ->
            flood(
                10,
                peer -> {
                  peer.send(setting(INITIAL_WINDOW_SIZE, 0));
                  peer.calls(
                      80,
                      stream -> {
                        byte[] name = frame(DATA, 0, stream, question("Ada"));
                        byte[] frames = repeat(998, frame(DATA, 0, stream, new byte[1]));
                        peer.flood(1, Bytes.concat(call(stream, CHAT, SECRET), name, frames));
                      });
                  assertThat(peer.hasBeenClosed()).isTrue();
                }));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void closesConnectionOnPingFlood(boolean duringACall) throws Exception {
    byte[] ping = frame(PING, 0, 0, new byte[8]);
    withstands(
        first -> {
          if (duringACall) {
            first.send(call(1, CHAT, SECRET));
          }
          first.send(repeat(4, ping));
          assertThat(first.goAway()).isEqualTo("too_many_pings");
          flood(
              10,
              peer -> {
                if (duringACall) {
                  peer.send(call(1, CHAT, SECRET));
                }
                peer.flood(10_000, ping);
                assertThat(peer.hasBeenClosed()).isTrue();
              });
        });
  }

  @Test
  void doesNotLogClientsThatVanishMidCall() throws Exception {
    byte[] name = question("Ada");
    SERVICE.withstands(
        callers ->
            flood(
                20,
                peer -> {
                  peer.calls(
                      100,
                      stream -> {
                        String method = stream % 4 == 1 ? CHAT : GREET;
                        peer.request(stream, method, 0, name, SECRET);
                      });
                  peer.headers(1);
                  if (peer.localPort() % 2 == 0) {
                    peer.vanish();
                  } else {
                    peer.close();
                  }
                }));
  }

  /** Each SETTINGS frame is acknowledged and uses memory until the next headers. */
  @Test
  void closesConnectionOnSettingsFlood() throws Exception {
    withstands(
        peer -> {
          peer.send(repeat(1_001, frame(SETTINGS, 0, 0)));
          assertThat(peer.goAway()).isEqualTo("too_many_settings");
        });
  }

  /** With a window of 0, the answer stays in the service and the call continues. */
  @Test
  void closesConnectionWithUnreadAnswers() throws Exception {
    withstands(
        peer -> {
          peer.send(setting(INITIAL_WINDOW_SIZE, 0));
          peer.calls(100, stream -> peer.ask(stream, HEALTH, ""));
          assertThat(peer.hasBeenClosed()).isTrue();
        });
  }
}
