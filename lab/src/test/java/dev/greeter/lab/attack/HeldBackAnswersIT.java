package dev.greeter.lab.attack;

import static dev.greeter.lab.Http2Frames.*;

import com.google.common.primitives.Bytes;
import dev.greeter.guard.fixture.Certificates;
import dev.greeter.lab.AttackScenario;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers without the secret that accept no answers: they have no window, or do not read. */
class HeldBackAnswersIT {

  private static final int CALLS = 98;

  @RegisterExtension static final AttackScenario PLAIN = AttackScenario.withDefaults();

  @RegisterExtension
  static final AttackScenario TLS =
      new AttackScenario(
          directory -> {
            var certificates = new Certificates(directory);
            certificates.make("served");
            return certificates.variables("served");
          });

  private static AttackScenario service(boolean tls) {
    return tls ? TLS : PLAIN;
  }

  /** gRPC itself answers them, with DATA that repeats the invalid part of the request. */
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
  void buffersNoErrorsOfInvalidRequests(
      String odd, int length, int connections, int addresses, boolean tls) throws Exception {
    IntFunction<byte[]> request =
        odd.equals("trailers") ? withTrailers(length) : request(odd, length);
    service(tls)
        .withstands(
            callers ->
                callers.repeat(
                    connections,
                    addresses,
                    peer -> {
                      peer.shakeHands().send(setting(INITIAL_WINDOW_SIZE, 0));
                      peer.calls(
                          CALLS,
                          stream -> {
                            peer.send(request.apply(stream));
                            // Response headers need no window, and must not end the connection.
                            peer.send(frame(SETTINGS, 0, 0));
                            peer.await(SETTINGS, 0);
                          });
                      peer.hasBeenClosed();
                    }));
  }

  /**
   * Encodes requests; if they fit into the service's header table, all but the first as indices.
   */
  private static IntFunction<byte[]> request(String odd, int length) {
    String[] headers = {
      ":method", "POST", ":path", "/" + HEALTH, "content-type", "application/grpc"
    };
    headers[1 + List.of(headers).indexOf(odd)] = "x".repeat(length);
    boolean fits = length < 4_000;
    byte[] first = literals(fits ? INDEXED : 0, headers);
    byte[] next = fits ? indices(headers.length / 2) : first;
    return stream -> frame(HEADERS, END_HEADERS | END_STREAM, stream, stream == 1 ? first : next);
  }

  /** Encodes calls that end with trailers that contain a path. */
  private static IntFunction<byte[]> withTrailers(int length) {
    byte[] path = literals(0, ":path", "x".repeat(length));
    return stream ->
        Bytes.concat(call(stream, HEALTH), frame(HEADERS, END_HEADERS | END_STREAM, stream, path));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void limitsBufferedWatchAnswers(boolean tls) throws Exception {
    service(tls)
        .withstands(
            100,
            peer -> {
              peer.send(setting(INITIAL_WINDOW_SIZE, 0));
              peer.calls(100, stream -> peer.ask(stream, WATCH, ""));
            });
  }

  /**
   * SETTINGS and PING are acknowledged, and calls are rejected with headers, which need no window.
   * On the loopback interface, Linux buffers up to 4 MB of answers before the service itself must,
   * a hundred times as much as over a network.
   */
  @ParameterizedTest
  @CsvSource({
    SETTINGS + ", 12000, false",
    SETTINGS + ", 12000, true",
    PING + ", 12000, false",
    PING + ", 12000, true",
    HEADERS + ", 120000, false",
  })
  void limitsBuffersForPeersThatDoNotRead(int type, int frames, boolean tls) throws Exception {
    IntFunction<byte[]> frame =
        stream ->
            type == HEADERS
                ? emptyCall(stream, GREET)
                : frame(type, 0, 0, new byte[type == PING ? 8 : 0]);
    service(tls)
        .withstands(
            callers ->
                callers.deaf(
                    2,
                    peer ->
                        peer.calls(
                            frames,
                            stream -> {
                              peer.send(frame.apply(stream));
                              // Pause so that the service reads most of them separately.
                              LockSupport.parkNanos(20_000);
                            })));
  }
}
