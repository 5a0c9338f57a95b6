package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.END_HEADERS;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.GREET;
import static dev.greeter.service.attack.Http2Peer.HEADERS;
import static dev.greeter.service.attack.Http2Peer.SETTINGS;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.headerBlock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Strangers that read nothing. Over the loopback interface Linux takes up to 4 MB of answers off
 * the service before any waits in the service itself, a hundred times as much as over a network:
 * that much they have sent first.
 */
final class NeverReading {

  /** Small; but if it is smaller still, Linux drops what it is to acknowledge. */
  static final int RECEIVE_BUFFER = 32 * 1024;

  /** What Linux takes is full before. */
  private static final int MOST_ROUNDS = 400;

  private NeverReading() {}

  /** Sends frames over connections in turn, each so late that the service reads it by itself. */
  static void oneByOne(
      Strangers strangers, int connections, int frames, IntFunction<byte[]> frameOfStream) {
    var peers = new ArrayList<Stranger>();
    strangers.each(
        connections,
        Strangers.ONE_ADDRESS,
        RECEIVE_BUFFER,
        peer -> {
          fill(peer);
          peers.add(peer);
        });
    int stream = 1;
    for (int i = 0; i < frames && !peers.isEmpty(); i++, stream += 2) {
      byte[] frame = frameOfStream.apply(stream);
      peers.removeIf(peer -> !sends(peer, frame));
      pause(100);
    }
  }

  /** Encodes a whole call without the secret: answered by headers, for which there is no window. */
  static byte[] refused(int stream) {
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, headerBlock(GREET));
  }

  /** Has settings acknowledged until Linux takes no more of that; ten thousand may wait then. */
  private static void fill(Stranger peer) throws IOException {
    byte[] settings = Stranger.fill(27_000, frame(SETTINGS, 0, 0));
    String queue = sendQueue(peer.peer().localPort());
    for (int round = 1; round <= MOST_ROUNDS; round++) {
      peer.send(settings);
      String now = queue;
      for (int wait = 0; wait < 100 && now.equals(queue); wait++) {
        pause(2_000);
        now = sendQueue(peer.peer().localPort());
      }
      if (now.equals(queue)) {
        return;
      }
      queue = now;
    }
  }

  /** Returns how much Linux has of the answers to a port, in its own words. */
  private static String sendQueue(int port) throws IOException {
    String remote = ":%04X".formatted(port);
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try (Stream<String> lines = Files.lines(Path.of(table))) {
        var queue =
            lines
                .map(line -> line.strip().split(" +"))
                .filter(socket -> socket[2].endsWith(remote))
                .map(socket -> socket[4].split(":")[0])
                .findFirst();
        if (queue.isPresent()) {
          return queue.get();
        }
      }
    }
    return "";
  }

  private static boolean sends(Stranger peer, byte[] bytes) {
    try {
      peer.send(bytes);
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  private static void pause(int micros) {
    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
  }
}
