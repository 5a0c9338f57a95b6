package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.CHAT;
import static dev.greeter.service.attack.Http2Peer.CONTINUATION;
import static dev.greeter.service.attack.Http2Peer.DATA;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.FLOW_CONTROL_ERROR;
import static dev.greeter.service.attack.Http2Peer.GREET;
import static dev.greeter.service.attack.Http2Peer.HEADERS;
import static dev.greeter.service.attack.Http2Peer.HEADER_TABLE_SIZE;
import static dev.greeter.service.attack.Http2Peer.HEALTH;
import static dev.greeter.service.attack.Http2Peer.INITIAL_WINDOW_SIZE;
import static dev.greeter.service.attack.Http2Peer.PING;
import static dev.greeter.service.attack.Http2Peer.REFUSED_STREAM;
import static dev.greeter.service.attack.Http2Peer.SECRET;
import static dev.greeter.service.attack.Http2Peer.SETTINGS;
import static dev.greeter.service.attack.Http2Peer.WATCH;
import static dev.greeter.service.attack.Http2Peer.call;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.headerBlock;
import static dev.greeter.service.attack.Http2Peer.message;
import static dev.greeter.service.attack.Http2Peer.rapidResets;
import static dev.greeter.service.attack.Http2Peer.setting;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.health.v1.HealthCheckRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The service as it comes, with a heap of 64 MB, against clients that misbehave. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class DefaultLimitsIT {

  private static AttackedService service;

  @BeforeAll
  static void start() throws IOException {
    service = new AttackedService(Map.of());
  }

  @AfterAll
  static void stop() throws Exception {
    service.close();
  }

  /** CVE-2023-44487. */
  @Test
  void endsAConnectionOfRapidResets() throws Exception {
    service.withstands(
        0,
        () -> {
          try (var peer = Http2Peer.connect(service.port())) {
            peer.send(rapidResets(1, 505, SECRET));
            assertThat(peer.goAway()).isEqualTo("too_many_rststreams");
            assertThat(peer.hasBeenClosed()).isTrue();
          }
          for (int connection = 0; connection < 10; connection++) {
            try (var peer = Http2Peer.connect(service.port())) {
              peer.flood(1, rapidResets(1, 10_000, SECRET));
              assertThat(peer.hasBeenClosed()).isTrue();
            }
          }
        });
  }

  @Test
  void refusesTheCallAboveAHundredOnAConnection() throws Exception {
    service.withstands(
        0,
        () -> {
          try (var peer = Http2Peer.connect(service.port())) {
            for (int i = 0; i <= 100; i++) {
              peer.send(call(2 * i + 1, CHAT, SECRET));
            }
            assertThat(peer.reset(201)).isEqualTo(REFUSED_STREAM);
          }
        });
  }

  /**
   * 16 connections with 8 MB each, which together are more than the heap. Frames that carry next to
   * nothing are no matter of size: Netty takes no more than 16 of them.
   */
  @ParameterizedTest
  @CsvSource({
    "0, Number of small consecutive continuations frames",
    "1, Number of small consecutive continuations frames",
    "8000, Header size exceeded max allowed size (10240)",
  })
  void endsAHeaderListThatGoesOnAndOn(int bytesPerFrame, String reason) throws Exception {
    byte[] more = frame(CONTINUATION, 0, 1, new byte[bytesPerFrame]);
    service.withstands(
        0,
        () -> {
          try (var peer = Http2Peer.connect(service.port())) {
            peer.send(frame(HEADERS, 0, 1, headerBlock(GREET)));
            peer.flood(bytesPerFrame == 8_000 ? 2 : 20, more);
            assertThat(peer.goAway()).startsWith(reason);
          }
          var peers = new ArrayList<Http2Peer>();
          for (int connection = 0; connection < 16; connection++) {
            var peer = Http2Peer.connect(service.port());
            peers.add(peer);
            peer.send(frame(HEADERS, 0, 1, headerBlock(GREET)));
            peer.flood(1_000, more);
          }
          for (var peer : peers) {
            assertThat(peer.hasBeenClosed()).isTrue();
            peer.close();
          }
        });
  }

  @Test
  void refusesAHeaderListThatIsTooLarge() throws Exception {
    service.withstands(
        0,
        () -> {
          try (var peer = Http2Peer.connect(service.port())) {
            peer.send(call(1, GREET, "x-large", "x".repeat(9_000)));
            assertThat(peer.headers(1).status()).asString().isEqualTo("431");
            peer.send(call(3, GREET, "x-larger", "x".repeat(15_000)));
            assertThat(peer.hasBeenClosed()).isTrue();
          }
        });
  }

  /** Without the secret: the service for health answers all. */
  @ParameterizedTest
  @ValueSource(ints = {8_193, Integer.MAX_VALUE, -1})
  void refusesAMessageThatIsAnnouncedAsTooLarge(int length) throws Exception {
    service.withstands(
        0,
        () -> {
          try (var peer = Http2Peer.connect(service.port())) {
            for (int stream = 1; stream < 200; stream += 2) {
              peer.send(call(stream, HEALTH));
              peer.send(frame(DATA, 0, stream, message(false, length)));
            }
            assertThat(peer.status(199)).startsWith("8 ");
          }
        });
  }

  /** No limit of ours: gRPC refuses it by itself. */
  @Test
  void refusesATruncatedMessage() throws Exception {
    service.withstands(
        0,
        () -> {
          try (var peer = Http2Peer.connect(service.port())) {
            for (int stream = 1; stream < 200; stream += 2) {
              peer.send(call(stream, HEALTH));
              peer.send(frame(DATA, END_STREAM, stream, message(false, 100, (byte) 10)));
            }
            assertThat(peer.status(199)).startsWith("13 ");
          }
        });
  }

  /** 32 MB of one letter, in 32 kB: a few of them would be more than the heap. */
  @Test
  void refusesACompressedBomb() throws Exception {
    byte[] bomb = gzip(nameOf(32 << 20));
    byte[] message = message(true, bomb.length, bomb);
    service.withstands(
        0,
        () -> {
          try (var peer = Http2Peer.connect(service.port())) {
            for (int stream = 1; stream < 100; stream += 2) {
              peer.send(call(stream, HEALTH, "grpc-encoding", "gzip"));
              peer.send(data(stream, message));
              assertThat(peer.status(stream)).startsWith("8 ");
            }
          }
        });
  }

  /** 1 MB in each of 200 calls, sent ahead to a service that waits for its answers to be taken. */
  @Test
  void keepsLittleForAPeerThatNeverReads() throws Exception {
    byte[] names = repeat(15, message(false, 1_003, nameOf(1_000)));
    service.withstands(
        0,
        () -> {
          try (var peer = Http2Peer.connect(service.port())) {
            peer.send(call(1, CHAT, SECRET));
            for (int i = 0; i < 20; i++) {
              peer.send(frame(DATA, 0, 1, names));
            }
            assertThat(peer.reset(1)).isEqualTo(FLOW_CONTROL_ERROR);
          }
          var peers = new ArrayList<Http2Peer>();
          for (int connection = 0; connection < 2; connection++) {
            var peer = Http2Peer.connect(service.port());
            peers.add(peer);
            for (int stream = 1; stream < 200; stream += 2) {
              peer.flood(1, call(stream, CHAT, SECRET));
            }
            for (int round = 0; round < 64; round++) {
              for (int stream = 1; stream < 200; stream += 2) {
                peer.flood(1, frame(DATA, 0, stream, names));
              }
            }
          }
          new Greetings(service.port()).close();
          for (var peer : peers) {
            peer.close();
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endsAConnectionThatFloodsItWithPings(boolean duringACall) throws Exception {
    service.withstands(
        0,
        () -> {
          for (int connection = 0; connection < 10; connection++) {
            try (var peer = Http2Peer.connect(service.port())) {
              if (duringACall) {
                peer.send(call(1, CHAT, SECRET));
              }
              for (int i = 0; i < 4; i++) {
                peer.send(frame(PING, 0, 0, new byte[8]));
              }
              assertThat(peer.goAway()).isEqualTo("too_many_pings");
            }
            try (var peer = Http2Peer.connect(service.port())) {
              peer.flood(10_000, frame(PING, 0, 0, new byte[8]));
              assertThat(peer.hasBeenClosed()).isTrue();
            }
          }
        });
  }

  @Test
  void keepsTheNewestHundredOfTenThousandSilentConnectionsFromAnAddress() throws Exception {
    service.withstands(
        1,
        () -> {
          var silent = new ArrayDeque<Http2Peer>();
          try {
            for (int i = 0; i < 10_000; i++) {
              silent.add(Http2Peer.silent(service.port()));
              if (silent.size() > 100) {
                try (var oldest = silent.remove()) {
                  assertThat(oldest.hasBeenClosed()).isTrue();
                }
              }
            }
            for (var peer : silent) {
              assertThat(peer.isRefused()).isFalse();
            }
          } finally {
            for (var peer : silent) {
              peer.close();
            }
          }
        });
  }

  /** No limit of ours: Netty closes them by itself, and what is ours is that nothing is logged. */
  @Test
  void closesConnectionsOfRandomBytes() throws Exception {
    var random = new Random(42);
    service.withstands(
        0,
        () -> {
          for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[random.nextInt(1, 10_000)];
            random.nextBytes(bytes);
            try (var peer =
                i % 2 == 0 ? Http2Peer.silent(service.port()) : Http2Peer.connect(service.port())) {
              peer.flood(1, bytes);
            }
          }
          try (var peer = Http2Peer.silent(service.port())) {
            peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
            assertThat(peer.hasBeenClosed()).isTrue();
          }
        });
  }

  @Test
  void logsNothingOfClientsThatVanishInTheMiddleOfTheirCalls() throws Exception {
    service.withstands(
        0,
        () -> {
          for (int connection = 0; connection < 20; connection++) {
            var peer = Http2Peer.connect(service.port());
            for (int stream = 1; stream < 200; stream += 2) {
              peer.send(call(stream, stream % 4 == 1 ? CHAT : GREET, SECRET));
              peer.send(frame(DATA, 0, stream, message(false, 5, nameOf(3))));
            }
            peer.headers(1);
            if (connection % 2 == 0) {
              peer.vanish();
            } else {
              peer.close();
            }
          }
        });
  }

  /** Without the secret, as all that follows; each killed a service of 256 MB. */
  @Test
  void keepsNoLongNamesOfWatchedServices() throws Exception {
    withstands(
        strangers ->
            strangers.each(
                60,
                stranger -> {
                  for (int stream = 1; stream < 200; stream += 2) {
                    stranger.ask(stream, WATCH, "x".repeat(60_000) + stream);
                  }
                }));
  }

  @Test
  void keepsLittleOfMessagesThatAreNotWhole() throws Exception {
    byte[] most = message(false, 8_192, new byte[8_000]);
    withstands(
        strangers ->
            strangers.each(
                100,
                stranger -> {
                  for (int stream = 1; stream < 200; stream += 2) {
                    stranger.request(stream, HEALTH, 0, most);
                  }
                }));
  }

  /** Netty reads up to 64 KB at once, all of which one byte of a message may keep. */
  @Test
  void keepsNoMoreOfAReadThanTheByteItNeeds() throws Exception {
    byte[] ignored = Stranger.fill(60_000, frame(0xfa, 0, 0, new byte[1_000]));
    withstands(
        strangers ->
            strangers.each(
                10,
                stranger -> {
                  stranger.request(1, CHAT, 0, message(false, 8_000), SECRET);
                  for (int i = 0; i < 300; i++) {
                    stranger.send(frame(DATA, 0, 1, (byte) 10));
                    stranger.send(ignored);
                  }
                }));
  }

  /** The table of headers lasts as long as the connection, and the peer says how large it is. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsNoLargeTableOfHeaders(boolean fromTheStart) throws Exception {
    byte[] large = setting(HEADER_TABLE_SIZE, Integer.MAX_VALUE);
    withstands(
        strangers ->
            strangers.silent(
                1,
                Strangers.ONE_ADDRESS,
                0,
                stranger -> {
                  if (fromTheStart) {
                    stranger.send(Http2Peer.PREFACE);
                  } else {
                    stranger.peer().shakeHands();
                  }
                  stranger.send(large);
                  for (int stream = 1; stream < 200_000; stream += 20) {
                    var calls = new ByteArrayOutputStream();
                    for (int each = stream; each < stream + 20; each += 2) {
                      calls.writeBytes(call(each, HEALTH));
                      byte[] question = Stranger.question("x".repeat(900) + each);
                      calls.writeBytes(frame(DATA, END_STREAM, each, question));
                    }
                    stranger.send(calls.toByteArray());
                    for (int each = stream; each < stream + 20; each += 2) {
                      stranger.peer().await(HEADERS, each);
                    }
                  }
                }));
  }

  /** Each is acknowledged, and leaves a trace until the next headers. */
  @Test
  void endsAConnectionOfManySettings() throws Exception {
    withstands(
        strangers ->
            strangers.each(
                1,
                stranger -> {
                  for (int i = 0; i <= 1_000; i++) {
                    stranger.send(frame(SETTINGS, 0, 0));
                  }
                  assertThat(stranger.peer().goAway()).isEqualTo("too_many_settings");
                }));
  }

  /** With a window of 0 the answer stays in the service, and the call goes on. */
  @Test
  void closesAConnectionThatDoesNotTakeItsAnswers() throws Exception {
    withstands(
        strangers ->
            strangers.each(
                1,
                stranger -> {
                  stranger.send(setting(INITIAL_WINDOW_SIZE, 0));
                  for (int stream = 1; stream < 200; stream += 2) {
                    stranger.ask(stream, HEALTH, "");
                  }
                  assertThat(stranger.peer().hasBeenClosed()).isTrue();
                }));
  }

  private static void withstands(Siege.Attack attack) throws Exception {
    try (var strangers = new Strangers(service.port())) {
      service.withstands(1, () -> attack.by(strangers));
    }
  }

  /** Encodes a message with a string in field 1, such as a GreetingRequest. */
  private static byte[] nameOf(int length) {
    return HealthCheckRequest.newBuilder().setService("x".repeat(length)).build().toByteArray();
  }

  /** Cuts the only message of a call into frames of the largest size that is always allowed. */
  private static byte[] data(int stream, byte[] message) {
    var frames = new ByteArrayOutputStream();
    for (int from = 0; from < message.length; from += 16_384) {
      int to = Math.min(message.length, from + 16_384);
      int flags = to == message.length ? END_STREAM : 0;
      frames.writeBytes(frame(DATA, flags, stream, Arrays.copyOfRange(message, from, to)));
    }
    return frames.toByteArray();
  }

  private static byte[] repeat(int times, byte[] bytes) {
    var all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }
}
