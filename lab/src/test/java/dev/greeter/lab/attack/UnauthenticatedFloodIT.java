package dev.greeter.lab.attack;

import static dev.greeter.lab.Http2Frames.*;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Bytes;
import dev.greeter.lab.AttackScenario;
import dev.greeter.lab.Http2Peer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers without the secret that send a lot of data or open many connections. */
@TestMethodOrder(OrderAnnotation.class)
class UnauthenticatedFloodIT {

  private static final int LAST = Integer.MAX_VALUE;

  @RegisterExtension static final AttackScenario SERVICE = AttackScenario.withDefaults();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withstandsIdleConnections(boolean silent) throws Exception {
    SERVICE.withstands(
        callers -> {
          if (silent) {
            callers.silent(1_000, 200, peer -> {});
          } else {
            callers.each(1_000, 200, peer -> {});
          }
        });
  }

  @Test
  void keepsNewestHundredSilentConnectionsPerAddress() throws Exception {
    var silent = new ArrayDeque<Http2Peer>();
    SERVICE.withstands(
        callers -> {
          for (int i = 0; i < 4_000; i++) {
            silent.add(Http2Peer.silent(SERVICE.port()));
            if (silent.size() > 100) {
              try (var oldest = silent.remove()) {
                assertThat(oldest.hasBeenClosed()).isTrue();
              }
            }
          }
          for (var peer : silent) {
            assertThat(peer.isRefused()).isFalse();
          }
        });
    for (var peer : silent) {
      peer.close();
    }
  }

  /** As after a restart: no connection is replaced before its call is read. */
  @Test
  void answers250ClientsArrivingAtOnce() throws Exception {
    byte[] greeting = Bytes.concat(PREFACE, setting(HEADER_TABLE_SIZE, 0), greet(1, SECRET));
    var arrived = new ArrayList<Http2Peer>();
    SERVICE.withstands(
        callers -> {
          for (int i = 0; i < 250; i++) {
            arrived.add(Http2Peer.silent(SERVICE.port()));
          }
          for (var peer : arrived) {
            peer.flood(1, greeting);
          }
          for (var peer : arrived) {
            assertThat(peer.status(1)).isEqualTo("0 null");
          }
        });
    for (var peer : arrived) {
      peer.close();
    }
  }

  /** These frames are not answered, and must not delay the answers to others. */
  @ParameterizedTest
  @ValueSource(ints = {WINDOW_UPDATE, UNKNOWN})
  void servesOthersDuringFrameFlood(int type) throws Exception {
    byte[] payload = type == WINDOW_UPDATE ? new byte[] {0, 0, 0, 1} : new byte[0];
    byte[] frames = repeat(4_000, frame(type, 0, 0, payload));
    SERVICE.withstands(1, peer -> peer.flood(250, frames));
  }

  /** Connections are counted by address and logged at most once per minute. */
  @Test
  void withstandsConnectionChurn() throws Exception {
    SERVICE.withstands(callers -> callers.silent(10_000, 50, Http2Peer::close));
  }

  /** The service resets the call for a window update of zero (CVE-2025-8671). */
  @Test
  void closesConnectionProvokingResets() throws Exception {
    SERVICE.withstands(
        10,
        peer ->
            peer.calls(
                20_000,
                stream -> {
                  peer.send(call(stream, HEALTH));
                  peer.send(frame(WINDOW_UPDATE, 0, stream, new byte[4]));
                }));
  }

  /** Netty itself closes them; this service must only avoid logging. */
  @Test
  void closesConnectionsSendingRandomBytes() throws Exception {
    var random = new Random(42);
    SERVICE.withstands(
        callers -> {
          for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[random.nextInt(1, 10_000)];
            random.nextBytes(bytes);
            try (var peer = Http2Peer.silent(SERVICE.port())) {
              if (i % 2 == 0) {
                peer.shakeHands();
              }
              peer.flood(1, bytes);
            }
          }
          try (var peer = Http2Peer.silent(SERVICE.port())) {
            peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
            assertThat(peer.hasBeenClosed()).isTrue();
          }
        });
  }

  /** Names of 7.7 KB, which spans would keep while waiting for a silent collector. */
  @Test
  void retainsNoUnknownMethodNames() throws Exception {
    SERVICE.withstands(UnknownMethods::call);
  }

  /** Resources that callers may hold while the service stops at the end of this class. */
  @Order(LAST)
  @Test
  void stopsInTimeDespiteHeldResources() throws Exception {
    byte[] half = message(false, 10, new byte[5]);
    byte[] unknown = frame(UNKNOWN, 0, 0, new byte[1_000]);
    SERVICE.withstands(
        callers -> {
          callers.each(10, peer -> peer.ask(1, WATCH, ""));
          callers.each(10, peer -> peer.request(1, HEALTH, 0, half));
          callers.each(10, peer -> peer.send(Arrays.copyOf(unknown, 500)));
          callers.silent(10, 1, peer -> {});
          callers.deaf(10, peer -> peer.send(calls(98, stream -> emptyCall(stream, HEALTH))));
          UnknownMethods.call(callers);
        });
  }
}
