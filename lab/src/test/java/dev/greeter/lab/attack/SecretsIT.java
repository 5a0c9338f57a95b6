package dev.greeter.lab.attack;

import static dev.greeter.lab.Http2Frames.*;
import static dev.greeter.lab.UnauthenticatedCallers.CONTROL_ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Bytes;
import dev.greeter.lab.AttackScenario;
import dev.greeter.lab.Http2Peer;
import dev.greeter.lab.OtlpCollector;
import dev.greeter.lab.SecretsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that guess secrets, whose secret is revoked, or that could be mistaken for others. */
class SecretsIT {

  private static final String NAMED = "marker-of-mallory-that-has-32-bytes";
  private static final String SHARED = "marker-of-others-that-has-32-bytes";
  private static final String OTHER = "marker-of-nobody-that-has-32-bytes";
  private static final int CALLS_AT_A_TIME = 6;

  @SuppressWarnings("NullAway.Init") // The service starts first.
  private static OtlpCollector collector;

  @RegisterExtension
  static final AttackScenario SERVICE =
      new AttackScenario(
          directory -> {
            collector = new OtlpCollector(UnknownMethods::areIn);
            List<String> lines = all();
            lines.add(SecretsFile.line("mallory", NAMED));
            clients(directory).write(lines);
            shared(directory).write(List.of(OTHER, SHARED));
            return Map.of(
                "GRPC_SERVER_ADDRESS", "*",
                "OTEL_EXPORTER_OTLP_ENDPOINT", collector.url(),
                "OTEL_BSP_SCHEDULE_DELAY", "500",
                "GREETER_AUTH_VALUE_FILE", shared(directory).path().toString(),
                "GREETER_AUTH_CLIENTS_FILE", clients(directory).path().toString());
          });

  @AfterAll
  static void stop() {
    collector.close();
  }

  private static SecretsFile clients(Path directory) {
    return new SecretsFile(directory.resolve("clients"));
  }

  private static SecretsFile shared(Path directory) {
    return new SecretsFile(directory.resolve("shared"));
  }

  /** The maximum number of lines; the last one is the control clients'. */
  private static List<String> all() {
    var lines = new ArrayList<String>();
    IntStream.range(0, 9_998)
        .forEach(number -> lines.add(SecretsFile.line("client-" + number, "of " + number)));
    lines.add(SecretsFile.ADA);
    return lines;
  }

  /** Guesses that are nearly right, empty, or taken from a stolen file. */
  @Test
  void rejectsAllGuesses() throws Exception {
    var random = new Random(42);
    SERVICE.withstands(
        callers -> {
          for (int connection = 0; connection < 20; connection++) {
            try (var peer = Http2Peer.connect(SERVICE.port())) {
              assertThat(peer.guess(2_000, () -> guess(random))).isEqualTo(2_000);
            }
          }
        });
  }

  private static String guess(Random random) {
    String number = Integer.toString(random.nextInt(9_998));
    return switch (random.nextInt(5)) {
      case 0 -> "42" + number;
      case 1 -> "of " + number + "-marker";
      case 2 -> SecretsFile.line("client", "of " + number).split(":")[1];
      case 3 -> SecretsFile.ADA.split(" ")[1];
      default -> "marker-" + random.nextLong();
    };
  }

  /** Both use the same local port and differ only in the service's address. */
  @Test
  void guardsConnectionAfterTwinCloses() throws Exception {
    String name = "grpc.health.v1.Health/" + "x".repeat(6_000);
    SERVICE.withstands(
        callers ->
            callers.repeat(
                3,
                3,
                peer -> {
                  try (var twin = peer.twin("127.0.0.2")) {
                    twin.shakeHands();
                  }
                  // No answer shows that the service has noticed the end.
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
                  peer.shakeHands();
                  peer.send(setting(HEADER_TABLE_SIZE, -1));
                  for (int batch = 0; ; batch++) {
                    int offset = 2 * CALLS_AT_A_TIME * batch;
                    peer.send(
                        calls(
                            CALLS_AT_A_TIME,
                            stream -> emptyCall(offset + stream, name + (offset + stream))));
                    peer.calls(CALLS_AT_A_TIME, stream -> peer.await(HEADERS, offset + stream));
                  }
                }));
  }

  /** All use one address, so that the client's calls fill the limit until it is revoked. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void releasesCallsOfRevokedClient(boolean named) throws Exception {
    String[] header = {"authorization", named ? NAMED : SHARED};
    SERVICE.withstands(
        callers -> {
          callers.each(5, CONTROL_ADDRESS, peer -> authenticate(peer, header));
          callers.again(peer -> watch(peer, 1));
          callers.each(
              4,
              CONTROL_ADDRESS,
              peer -> {
                authenticate(peer, header);
                peer.calls(99, stream -> peer.send(call(2 + stream, CHAT, header)));
              });
          awaitStatus("8 Too many concurrent calls", SECRET);
          if (named) {
            clients(SERVICE.directory()).write(all());
          } else {
            shared(SERVICE.directory()).write(List.of(OTHER));
          }
          awaitStatus("0", SECRET);
        },
        callers -> callers.again(peer -> watch(peer, 100)));
  }

  private static void authenticate(Http2Peer peer, String... header) throws IOException {
    peer.send(greet(1, header));
    peer.await(HEADERS, 1);
  }

  private static void watch(Http2Peer peer, int callsBefore) throws IOException {
    peer.calls(99, stream -> peer.ask(2 * callsBefore + stream, WATCH, ""));
  }

  /** Sends more headers on a stream: those of another call, which gRPC then starts, or trailers. */
  @ParameterizedTest
  @ValueSource(strings = {"the same call again", "trailers"})
  void releasesCallsWithExtraHeaders(String more) throws Exception {
    byte[] block = more.equals("trailers") ? literals(0, "x", "y") : headerBlock(CHAT, SECRET);
    byte[] calls =
        calls(
            95,
            stream ->
                Bytes.concat(
                    call(stream, CHAT, SECRET),
                    frame(HEADERS, END_HEADERS | END_STREAM, stream, block)));
    SERVICE.withstands(
        callers -> {
          callers.each(
              40,
              CONTROL_ADDRESS,
              peer -> {
                peer.send(calls);
                peer.send(frame(SETTINGS, 0, 0));
                // The handshake's, then this one's: the service has read everything.
                peer.await(SETTINGS, 0);
                peer.await(SETTINGS, 0);
                peer.close();
              });
          awaitStatus("0", SECRET);
        },
        callers -> {});
  }

  @Test
  void exportsNoSpansOfUnauthenticatedCalls() throws Exception {
    SERVICE.withstands(
        callers -> {
          UnknownMethods.call(callers);
          // The control clients' spans follow the others in one queue.
          int before = collector.spans();
          Awaitility.await().until(() -> collector.spans() > before + 50);
        });
    assertThat(collector.suspicious()).isZero();
  }

  /** A file change takes effect within 10 s. */
  private static void awaitStatus(String status, String... secret) {
    Awaitility.await()
        .atMost(12, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              try (var peer = Http2Peer.silent(SERVICE.port(), "127.0.0.1", 0)) {
                peer.shakeHands().send(greet(1, secret));
                assertThat(peer.status(1)).startsWith(status);
              }
            });
  }
}
