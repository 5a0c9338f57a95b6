package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.CHAT;
import static dev.greeter.service.attack.Http2Peer.END_HEADERS;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.GREET;
import static dev.greeter.service.attack.Http2Peer.HEADERS;
import static dev.greeter.service.attack.Http2Peer.HEADER_TABLE_SIZE;
import static dev.greeter.service.attack.Http2Peer.SETTINGS;
import static dev.greeter.service.attack.Http2Peer.WATCH;
import static dev.greeter.service.attack.Http2Peer.call;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.headerBlock;
import static dev.greeter.service.attack.Http2Peer.literals;
import static dev.greeter.service.attack.Http2Peer.setting;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@link StrangerIT}, with peers that the service could take for what they are not. */
@EnabledIfSystemProperty(named = "greeter.image", matches = ".+")
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class StrangerIdentityIT {

  private static final String SECRET = "marker-of-mallory-that-has-32-bytes";

  /** The limit of a change in a file, 10 s, and a margin for a busy machine. */
  private static final int SECONDS_TO_REVOKE = 12;

  private static final int CALLS_AT_A_TIME = 6;

  @TempDir private Path directory;

  /**
   * Both come from the same port, and differ only in the address at which they reach the service.
   */
  @Test
  void guardsAConnectionAfterTheEndOfItsTwin() throws Exception {
    Siege.withstands(
        "3 connections whose twins have ended, a large table of headers, names of 6 KB",
        Map.of("GRPC_SERVER_ADDRESS", "*"),
        strangers -> strangers.keepAtIt(3, Strangers.addresses(3), this::callAfterTwin));
  }

  private void callAfterTwin(Stranger stranger) throws IOException {
    Http2Peer peer = stranger.peer();
    try (var twin = peer.twin("127.0.0.2")) {
      twin.shakeHands();
    }
    // There is no answer that says that the service has noticed the end.
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
    peer.shakeHands();
    stranger.send(setting(HEADER_TABLE_SIZE, -1));
    String name = "grpc.health.v1.Health/" + "x".repeat(6_000);
    for (int first = 1; ; first += 2 * CALLS_AT_A_TIME) {
      int end = first + 2 * CALLS_AT_A_TIME;
      var calls = new ByteArrayOutputStream();
      for (int stream = first; stream < end; stream += 2) {
        byte[] headers = headerBlock(name + stream);
        calls.writeBytes(frame(HEADERS, END_HEADERS | END_STREAM, stream, headers));
      }
      stranger.send(calls.toByteArray());
      for (int stream = first; stream < end; stream += 2) {
        peer.await(HEADERS, stream);
      }
    }
  }

  /** All come from one address, so that the client's calls leave no room before it is revoked. */
  @ParameterizedTest
  @CsvSource({
    "GREETER_AUTH_CLIENTS_FILE, " + WATCH,
    "GREETER_AUTH_CLIENTS_FILE, " + CHAT,
    "GREETER_AUTH_VALUE_FILE, " + WATCH,
    "GREETER_AUTH_VALUE_FILE, " + CHAT,
  })
  void takesThePlacesOfARevokedClient(String setting, String method) throws Exception {
    boolean named = setting.contains("CLIENTS");
    String other = named ? SecretsFile.ADA : "42";
    Path file = directory.resolve("secrets");
    SecretsFile.write(file, other, named ? "mallory " + SECRET : SECRET);
    Siege.withstands(
        "9 connections x 99 %s of a client that is revoked (%s)".formatted(method, setting),
        Map.of(setting, file.toString()),
        strangers -> {
          strangers.each(9, ignored -> "127.0.0.1", 0, stranger -> hold(stranger, method));
          assertThat(greet(strangers.port(), "8")).startsWith("8 Too many concurrent calls");
          SecretsFile.write(file, other);
          greet(strangers.port(), "0"); // Or in vain, which the bystanders will notice.
        },
        strangers -> strangers.again(stranger -> watch(stranger, 201)),
        directory);
  }

  private static void hold(Stranger stranger, String method) throws IOException {
    stranger.request(1, GREET, END_STREAM, Stranger.question("Ada"), "authorization", SECRET);
    stranger.peer().await(HEADERS, 1);
    if (method.equals(WATCH)) {
      watch(stranger, 3);
    } else {
      for (int stream = 3; stream < 201; stream += 2) {
        stranger.send(call(stream, CHAT, "authorization", SECRET));
      }
    }
  }

  private static void watch(Stranger stranger, int first) throws IOException {
    for (int stream = first; stream < first + 198; stream += 2) {
      stranger.ask(stream, WATCH, "");
    }
  }

  /** More headers on a stream: those of another call, which gRPC makes of them, or trailers. */
  @ParameterizedTest
  @ValueSource(strings = {"the same call again", "trailers"})
  void takesThePlacesOfCallsWithMoreHeaders(String more) throws Exception {
    byte[] block =
        more.equals("trailers") ? literals(0, "x", "y") : headerBlock(CHAT, Http2Peer.SECRET);
    Siege.withstands(
        "40 connections x 95 Chat that are over, each with %s on its stream".formatted(more),
        Map.of(),
        strangers -> {
          strangers.each(
              40,
              ignored -> "127.0.0.1",
              0,
              stranger -> {
                for (int stream = 1; stream < 190; stream += 2) {
                  stranger.send(call(stream, CHAT, Http2Peer.SECRET));
                  stranger.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, block));
                }
                stranger.send(frame(SETTINGS, 0, 0));
                // Of the handshake, then of these: the service has read all that was sent.
                stranger.peer().await(SETTINGS, 0);
                stranger.peer().await(SETTINGS, 0);
                stranger.close();
              });
          greet(strangers.port(), "0"); // Or in vain, which the bystanders will notice.
        },
        strangers -> {});
  }

  /** Asks for a greeting until it has a status, or time is over, and returns what it has. */
  private static String greet(int port, String code) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_REVOKE);
    while (true) {
      String status = greet(port);
      if (status.startsWith(code) || System.nanoTime() > end) {
        return status;
      }
      Thread.sleep(200);
    }
  }

  private static String greet(int port) throws IOException, Http2Exception {
    try (var peer = Http2Peer.silent(port, "127.0.0.1")) {
      peer.shakeHands();
      var caller = new Stranger(peer);
      caller.request(1, GREET, END_STREAM, Stranger.question("Ada"), Http2Peer.SECRET);
      return peer.status(1);
    }
  }
}
