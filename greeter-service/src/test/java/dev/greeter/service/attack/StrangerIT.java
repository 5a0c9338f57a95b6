package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.DATA;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.HEADERS;
import static dev.greeter.service.attack.Http2Peer.HEADER_TABLE_SIZE;
import static dev.greeter.service.attack.Http2Peer.HEALTH;
import static dev.greeter.service.attack.Http2Peer.PRIORITY;
import static dev.greeter.service.attack.Http2Peer.WATCH;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.message;
import static dev.greeter.service.attack.Http2Peer.setting;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The service as it is shipped against strangers: callers without the secret. It runs containers of
 * the image that {@code -Dgreeter.image=NAME} names; what can be seen on the jar, {@link
 * DefaultLimitsIT} shows in less time.
 */
@EnabledIfSystemProperty(named = "greeter.image", matches = ".+")
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class StrangerIT {

  private static final String[] GZIP = {"grpc-encoding", "gzip"};

  @Test
  void keepsNoLongNamesOfWatchedServices() throws Exception {
    Siege.withstands(
        "60 connections x 100 Watch of 60 KB names",
        strangers -> strangers.each(60, stranger -> watch(stranger, 60_000)));
  }

  @Test
  void keepsLittleForWatchesOfShortNames() throws Exception {
    Siege.withstands(
        "200 connections x 100 Watch of short names",
        strangers -> strangers.each(200, stranger -> watch(stranger, 10)));
  }

  private static void watch(Stranger stranger, int length) throws IOException {
    for (int stream = 1; stream < 200; stream += 2) {
      String name = System.identityHashCode(stranger) + "-" + stream;
      stranger.ask(stream, WATCH, "x".repeat(Math.max(0, length - name.length())) + name);
    }
  }

  @Test
  void keepsLittleOfMessagesThatAreNotWhole() throws Exception {
    byte[] most = message(false, 65_000, new byte[64_000]);
    Siege.withstands(
        "24 connections x 100 Check, 64,000 of 65,000 bytes",
        strangers ->
            strangers.each(
                24,
                stranger -> {
                  for (int stream = 1; stream < 200; stream += 2) {
                    stranger.request(stream, HEALTH, 0, most);
                  }
                }));
  }

  @Test
  void stopsInTimeDuringAWatch() throws Exception {
    Siege.withstands(
        "one Watch, no telemetry",
        Map.of(),
        strangers -> strangers.each(1, stranger -> stranger.ask(1, WATCH, "")));
  }

  @Test
  void stopsInTimeDuringACheckThatIsNotWhole() throws Exception {
    byte[] half = message(false, 10, new byte[5]);
    Siege.withstands(
        "one Check, half sent",
        strangers -> strangers.each(1, stranger -> stranger.request(1, HEALTH, 0, half)));
  }

  @Test
  void stopsInTimeThoughTheCollectorIsSilent() throws Exception {
    Siege.withstands(
        "one Watch", strangers -> strangers.each(1, stranger -> stranger.ask(1, WATCH, "")));
  }

  /** Netty reads up to 64 KB at once, of which one byte of a message may keep all. */
  @Test
  void keepsNoMoreOfAReadThanTheByteItNeeds() throws Exception {
    Siege.withstands(
        "one Check byte by byte, 60 KB of PRIORITY behind each",
        strangers -> byteByByte(strangers, 1, 1, 999, frame(PRIORITY, 0, 1, new byte[5])));
  }

  @Test
  void keepsNoMoreOfAReadInTwentyCalls() throws Exception {
    Siege.withstands(
        "20 Check byte by byte, 60 KB of unknown frames behind each",
        strangers -> byteByByte(strangers, 1, 20, 300, frame(0xfa, 0, 0, new byte[1_000])));
  }

  @Test
  void keepsNoMoreOfAReadOnTenConnections() throws Exception {
    Siege.withstands(
        "10 connections x one Check byte by byte, 60 KB of unknown frames behind each",
        strangers -> byteByByte(strangers, 10, 1, 600, frame(0xfa, 0, 0, new byte[100])));
  }

  /** HEADERS have no window: whoever reads nothing gets all the answers, which name the service. */
  @Test
  void keepsLittleOfAnswersThatNobodyReads() throws Exception {
    byte[] question = Stranger.compressedQuestion(60_000, "");
    Siege.withstands(
        "60 connections x 100 Check of an unknown name, compressed, nothing read",
        strangers ->
            strangers.each(
                60,
                Strangers.ONE_ADDRESS,
                NeverReading.RECEIVE_BUFFER,
                stranger -> {
                  for (int stream = 1; stream < 200; stream += 2) {
                    stranger.request(stream, HEALTH, END_STREAM, question, GZIP);
                  }
                }));
  }

  /** The table of headers lasts as long as the connection, and the peer says how large it is. */
  @Test
  void keepsNoLargeTableOfHeaders() throws Exception {
    Siege.withstands(
        "one connection with a large table of headers, 3,000 Check of unknown names",
        strangers ->
            strangers.each(
                1,
                stranger -> {
                  stranger.send(setting(HEADER_TABLE_SIZE, Integer.MAX_VALUE));
                  for (int stream = 1; stream < 6_000; stream += 2) {
                    byte[] question = Stranger.compressedQuestion(60_000, "-" + stream);
                    stranger.request(stream, HEALTH, END_STREAM, question, GZIP);
                    stranger.peer().await(HEADERS, stream);
                  }
                }));
  }

  private static void byteByByte(
      Strangers strangers, int connections, int calls, int bytes, byte[] ignored) {
    byte[] rest = Stranger.fill(60_000, ignored);
    strangers.each(
        connections,
        stranger -> {
          for (int stream = 1; stream < 2 * calls; stream += 2) {
            stranger.request(stream, HEALTH, 0, message(false, 1_000));
          }
          for (int i = 0; i < bytes; i++) {
            for (int stream = 1; stream < 2 * calls; stream += 2) {
              byte[] one = frame(DATA, 0, stream, (byte) 10);
              byte[] both = Arrays.copyOf(one, one.length + rest.length);
              System.arraycopy(rest, 0, both, one.length, rest.length);
              stranger.send(both);
            }
          }
        });
  }
}
