package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.GREET;
import static dev.greeter.service.attack.Http2Peer.WATCH;
import static dev.greeter.service.attack.Http2Peer.call;

import java.io.IOException;
import java.time.Duration;

/** Several of the attacks at once, on a service that has other clients. */
public final class Raid {

  private static final int ADDRESSES = 50;

  private Raid() {}

  /** Attacks a service for a while: idle connections, watches, rapid resets. */
  public static void on(int port, Duration duration) throws IOException, InterruptedException {
    byte[] resets = Http2Peer.rapidResets(1, 10_000);
    long end = System.nanoTime() + duration.toNanos();
    try (var strangers = new Strangers(port)) {
      strangers.each(200, Strangers.addresses(ADDRESSES), 0, stranger -> {});
      strangers.each(
          100,
          stranger -> {
            for (int stream = 1; stream < 200; stream += 2) {
              stranger.ask(stream, WATCH, "");
            }
          });
      while (System.nanoTime() < end) {
        strangers.each(1, stranger -> stranger.peer().flood(1, resets));
        Thread.sleep(200);
      }
    }
  }

  /** Makes calls with a wrong secret, which the service writes into its log. */
  public static void guess(int port, int guesses) throws IOException {
    try (var strangers = new Strangers(port)) {
      strangers.each(
          1,
          stranger -> {
            for (int i = 0; i < guesses; i++) {
              stranger.send(call(2 * i + 1, GREET, "authorization", "guess-" + i));
              stranger.peer().await(Http2Peer.HEADERS, 2 * i + 1);
            }
          });
    }
  }
}
