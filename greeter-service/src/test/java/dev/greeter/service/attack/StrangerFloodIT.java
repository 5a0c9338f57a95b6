package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.END_HEADERS;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.GREET;
import static dev.greeter.service.attack.Http2Peer.HEADERS;
import static dev.greeter.service.attack.Http2Peer.HEALTH;
import static dev.greeter.service.attack.Http2Peer.PING;
import static dev.greeter.service.attack.Http2Peer.SETTINGS;
import static dev.greeter.service.attack.Http2Peer.WATCH;
import static dev.greeter.service.attack.Http2Peer.WINDOW_UPDATE;
import static dev.greeter.service.attack.Http2Peer.call;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.headerBlock;
import static dev.greeter.service.attack.Http2Peer.number;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@link StrangerIT}, with strangers that send very much, or open very many connections. */
@EnabledIfSystemProperty(named = "greeter.image", matches = ".+")
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class StrangerFloodIT {

  private static final long MOST_SECONDS = 5;

  /** Each is acknowledged by nine bytes, which nobody reads. */
  @ParameterizedTest
  @ValueSource(ints = {SETTINGS, PING})
  void keepsLittleForPeersThatReadNoAcknowledgements(int type) throws Exception {
    byte[] frame = frame(type, 0, 0, new byte[type == PING ? 8 : 0]);
    Siege.withstands(
        "2 connections x 12,000 " + (type == PING ? "PING" : "SETTINGS") + ", nothing read",
        strangers -> NeverReading.oneByOne(strangers, 2, 12_000, stream -> frame));
  }

  /** Those above a hundred are reset, since the answers to the first are not taken. */
  @Test
  void keepsLittleForPeersThatReadNoRefusals() throws Exception {
    Siege.withstands(
        "2 connections x 6,000 calls without the secret, nothing read",
        strangers -> NeverReading.oneByOne(strangers, 2, 6_000, NeverReading::refused));
  }

  /** gRPC makes another call of the second headers, and forgets the first without a word. */
  @Test
  void keepsNothingOfCallsWithMoreHeaders() throws Exception {
    var calls = new ByteArrayOutputStream();
    for (int stream = 1; stream < 200; stream += 2) {
      calls.writeBytes(call(stream, WATCH));
      calls.writeBytes(frame(HEADERS, END_HEADERS | END_STREAM, stream, headerBlock(WATCH)));
    }
    Siege.withstands(
        "20 connections at a time x 100 Watch, each with another one on its stream",
        strangers ->
            strangers.keepAtIt(
                20,
                Strangers.addresses(20),
                stranger -> {
                  stranger.peer().shakeHands();
                  stranger.send(calls.toByteArray());
                  stranger.peer().await(HEADERS, 1);
                  stranger.close();
                }));
  }

  /** From one address {@link DefaultLimitsIT} has more. */
  @Test
  void bearsSilentConnections() throws Exception {
    Siege.withstands(
        "1,000 silent connections from 200 addresses",
        strangers -> strangers.silent(1_000, Strangers.addresses(200), 0, stranger -> {}));
  }

  @Test
  void bearsIdleConnections() throws Exception {
    Siege.withstands(
        "1,000 idle connections of HTTP/2 from 200 addresses",
        strangers -> strangers.each(1_000, Strangers.addresses(200), 0, stranger -> {}));
  }

  @ParameterizedTest
  @ValueSource(strings = {GREET, HEALTH})
  void keepsLittleOfHeaders(String method) throws Exception {
    String value = "x".repeat(7_500);
    Siege.withstands(
        "50 connections x 100 " + method + ", 8 KB of headers, no message",
        strangers ->
            strangers.each(
                50,
                stranger -> {
                  for (int stream = 1; stream < 200; stream += 2) {
                    stranger.send(call(stream, method, "x-large", value));
                  }
                }));
  }

  /** A hundred calls on each of the connections that may be open: each call has its headers. */
  @ParameterizedTest
  @ValueSource(ints = {0, 7_500})
  void keepsLittleOfCallsOnAllConnections(int headers) throws Exception {
    var calls = new ByteArrayOutputStream();
    for (int stream = 1; stream < 200; stream += 2) {
      calls.writeBytes(call(stream, HEALTH, "x-large", "x".repeat(headers)));
    }
    int connections = headers == 0 ? 1_500 : 400;
    Siege.withstands(
        connections + " connections x 100 Check, " + headers + " bytes of headers, no message",
        strangers ->
            strangers.each(
                connections,
                Strangers.addresses(200),
                0,
                stranger -> stranger.send(calls.toByteArray())));
  }

  @Test
  void keepsLittleOfHeadersThatAreNotWhole() throws Exception {
    byte[] half = frame(HEADERS, 0, 1, headerBlock(HEALTH, "x-large", "x".repeat(7_500)));
    Siege.withstands(
        "200 connections, headers without an end",
        strangers -> strangers.each(200, stranger -> stranger.send(half)));
  }

  @Test
  void keepsLittleOfFramesThatAreNotWhole() throws Exception {
    byte[] whole = frame(0xfa, 0, 0, new byte[Stranger.LARGEST_FRAME]);
    byte[] half = Arrays.copyOf(whole, whole.length - 1);
    Siege.withstands(
        "200 connections, 16 KB of a frame without an end",
        strangers -> strangers.each(200, stranger -> stranger.send(half)));
  }

  /** None of them is answered, and none is to keep the others from their answers. */
  @ParameterizedTest
  @ValueSource(ints = {WINDOW_UPDATE, 0xfa})
  void goesOnDuringAFlood(int type) throws Exception {
    byte[] frame = frame(type, 0, 0, type == WINDOW_UPDATE ? number(1) : new byte[0]);
    byte[] frames = Stranger.fill(frame.length * 4_000, frame);
    Siege.withstands(
        "1,000,000 frames of type " + type,
        strangers ->
            strangers.each(
                1,
                stranger -> {
                  long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
                  for (int i = 0; i < 250 && System.nanoTime() < end; i++) {
                    stranger.send(frames);
                  }
                }));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "tutorial.Greeter/NoSuchMethod"
      })
  void refusesWhatIsNotOpen(String method) throws Exception {
    Siege.withstands(
        "100 connections x 100 " + method,
        strangers ->
            strangers.each(
                100,
                stranger -> {
                  for (int stream = 1; stream < 200; stream += 2) {
                    stranger.send(call(stream, method));
                  }
                }));
  }

  /** They are counted by address, and logged at most once a minute. */
  @Test
  void bearsConnectionsThatComeAndGo() throws Exception {
    Siege.withstands(
        "connections opened and closed for 5 s, from 50 addresses",
        strangers -> {
          long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
          for (int i = 0; i < 20_000 && System.nanoTime() < end; i++) {
            int connection = i;
            strangers.silent(
                1, ignored -> Strangers.addresses(50).apply(connection), 0, Stranger::close);
          }
        });
  }

  /** The service resets the call that a window of nothing is opened for (CVE-2025-8671). */
  @Test
  void endsAConnectionThatHasItsCallsReset() throws Exception {
    Siege.withstands(
        "10 connections x 20,000 calls that the service is made to reset",
        strangers ->
            strangers.each(
                10,
                stranger -> {
                  for (int stream = 1; stream < 40_000; stream += 2) {
                    stranger.send(call(stream, HEALTH));
                    stranger.send(frame(WINDOW_UPDATE, 0, stream, number(0)));
                  }
                }));
  }
}
