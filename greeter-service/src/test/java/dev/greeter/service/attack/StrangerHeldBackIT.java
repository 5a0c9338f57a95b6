package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.END_HEADERS;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.HEADERS;
import static dev.greeter.service.attack.Http2Peer.HEALTH;
import static dev.greeter.service.attack.Http2Peer.INDEXED;
import static dev.greeter.service.attack.Http2Peer.INITIAL_WINDOW_SIZE;
import static dev.greeter.service.attack.Http2Peer.PING;
import static dev.greeter.service.attack.Http2Peer.SETTINGS;
import static dev.greeter.service.attack.Http2Peer.WATCH;
import static dev.greeter.service.attack.Http2Peer.call;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.indices;
import static dev.greeter.service.attack.Http2Peer.literals;
import static dev.greeter.service.attack.Http2Peer.setting;

import com.google.common.primitives.Bytes;
import dev.greeter.guard.fixture.Certificates;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@link StrangerIT}, with answers that an unauthenticated peer has no window for. */
@EnabledIfSystemProperty(named = "greeter.image", matches = ".+")
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class StrangerHeldBackIT {

  private static final int CALLS = 98;

  @TempDir private Path directory;

  /** gRPC answers them by itself, with DATA that repeats what the request has in its place. */
  @ParameterizedTest
  @CsvSource({
    ":path, 7400, 30, 1, false",
    ":path, 7400, 30, 1, true",
    ":path, 3800, 60, 60, false",
    ":method, 7400, 30, 30, false",
    ":method, 3800, 60, 1, false",
    "content-type, 7400, 30, 1, false",
    "content-type, 3800, 60, 1, false",
    "trailers, 7400, 30, 30, false",
  })
  void keepsNoErrorsOfRequestsThatAreNoCalls(
      String odd, int length, int connections, int addresses, boolean tls) throws Exception {
    byte[][] requests = odd.equals("trailers") ? trailers(length) : requests(odd, length);
    withstands(
        "%d connections (%d addresses%s) x %d requests with %s of %d bytes, a window of 0"
            .formatted(connections, addresses, tls ? ", TLS" : "", CALLS, odd, length),
        tls,
        strangers ->
            strangers.keepAtIt(
                connections,
                Strangers.addresses(addresses),
                stranger -> {
                  stranger.peer().shakeHands();
                  stranger.send(setting(INITIAL_WINDOW_SIZE, 0));
                  for (byte[] request : requests) {
                    stranger.send(request);
                    // Headers of answers have no window, and must not be what ends the connection.
                    stranger.send(frame(SETTINGS, 0, 0));
                    stranger.peer().await(SETTINGS, 0);
                  }
                  stranger.peer().hasBeenClosed();
                }));
  }

  /** Encodes requests; if they fit into the service's header table, all but the first by index. */
  private static byte[][] requests(String odd, int length) {
    String[] headers = {
      ":method", "POST", ":path", "/" + HEALTH, "content-type", "application/grpc"
    };
    headers[1 + List.of(headers).indexOf(odd)] = "x".repeat(length);
    boolean fits = length < 4_000;
    byte[] first = literals(fits ? INDEXED : 0, headers);
    byte[] next = fits ? indices(headers.length / 2) : first;
    return calls(
        stream -> frame(HEADERS, END_HEADERS | END_STREAM, stream, stream == 1 ? first : next));
  }

  /** Encodes calls that end with trailers in which there is a path. */
  private static byte[][] trailers(int length) {
    byte[] path = literals(0, ":path", "x".repeat(length));
    return calls(
        stream ->
            Bytes.concat(
                call(stream, HEALTH), frame(HEADERS, END_HEADERS | END_STREAM, stream, path)));
  }

  private static byte[][] calls(IntFunction<byte[]> ofStream) {
    return IntStream.range(0, CALLS)
        .mapToObj(i -> ofStream.apply(2 * i + 1))
        .toArray(byte[][]::new);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keepsLittleOfAnswersToAWatch(boolean tls) throws Exception {
    withstands(
        "100 connections x 100 Watch%s, a window of 0".formatted(tls ? " over TLS" : ""),
        tls,
        strangers ->
            strangers.each(
                100,
                stranger -> {
                  stranger.send(setting(INITIAL_WINDOW_SIZE, 0));
                  for (int stream = 1; stream < 200; stream += 2) {
                    stranger.ask(stream, WATCH, "");
                  }
                }));
  }

  @ParameterizedTest
  @ValueSource(ints = {SETTINGS, PING})
  void keepsFewAcknowledgementsOverTls(int type) throws Exception {
    byte[] frame = frame(type, 0, 0, new byte[type == PING ? 8 : 0]);
    withstands(
        "2 connections x 12,000 %s over TLS, nothing read"
            .formatted(type == PING ? "PING" : "SETTINGS"),
        true,
        strangers -> NeverReading.oneByOne(strangers, 2, 12_000, stream -> frame));
  }

  private void withstands(String name, boolean tls, Siege.Attack attack) throws Exception {
    if (!tls) {
      Siege.withstands(name, attack);
      return;
    }
    var certificates = new Certificates(directory);
    certificates.make("served");
    Siege.withstands(name, certificates.variables("served"), attack, directory);
  }
}
