package dev.greeter.service.fuzz;

import dev.greeter.service.fuzz.Step.Action;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Plays sessions against a service on the loopback interface, one step after the other. */
final class Player implements AutoCloseable {

  /** Small; but if it is smaller still, Linux drops what it is to acknowledge. */
  private static final int LITTLE_ROOM = 32 * 1024;

  /** The service may read no more, and go on only when it has sent. */
  private static final long MOST_NANOS_TO_SEND = TimeUnit.MILLISECONDS.toNanos(30);

  private final Map<Integer, SocketChannel> connections = new HashMap<>();
  private final Map<Integer, SocketChannel> readers = new HashMap<>();
  private final ByteBuffer answers = ByteBuffer.allocate(64 * 1024);
  private final int port;

  private Player(int port) {
    this.port = port;
  }

  /** Plays sessions. */
  static void play(int port, List<Step> steps) throws InterruptedException {
    try (var player = new Player(port)) {
      player.play(steps);
    }
  }

  private void play(List<Step> steps) throws InterruptedException {
    for (Step step : steps) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      try {
        play(step);
      } catch (IOException closed) {
        // By the service, as is its right.
        forget(step.connection());
      }
      read();
    }
  }

  private void play(Step step) throws IOException, InterruptedException {
    if (step.action() == Action.PAUSE) {
      Thread.sleep(step.millis());
      return;
    }
    if (step.action() == Action.OPEN || step.action() == Action.OPEN_DEAF) {
      open(step.connection(), step.action() == Action.OPEN);
      return;
    }
    SocketChannel connection = connections.get(step.connection());
    if (connection == null) {
      return;
    }
    switch (step.action()) {
      case SEND -> send(connection, ByteBuffer.wrap(step.bytes()));
      case HALF_CLOSE -> connection.shutdownOutput();
      case RESET -> {
        connection.setOption(StandardSocketOptions.SO_LINGER, 0);
        forget(step.connection());
      }
      default -> forget(step.connection());
    }
  }

  private void open(int number, boolean reads) throws IOException {
    forget(number);
    var connection = SocketChannel.open();
    connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (!reads) {
      connection.setOption(StandardSocketOptions.SO_RCVBUF, LITTLE_ROOM);
    }
    // The well-behaved clients come from 127.0.0.1.
    connection.bind(new InetSocketAddress("127.0.0." + (2 + number % 4), 0));
    connection.connect(new InetSocketAddress("127.0.0.1", port));
    connection.configureBlocking(false);
    connections.put(number, connection);
    if (reads) {
      readers.put(number, connection);
    }
  }

  private void send(SocketChannel connection, ByteBuffer bytes)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + MOST_NANOS_TO_SEND;
    while (bytes.hasRemaining() && System.nanoTime() < end) {
      if (connection.write(bytes) == 0) {
        read();
        Thread.sleep(1);
      }
    }
  }

  private void read() {
    readers
        .values()
        .removeIf(
            reader -> {
              try {
                int count;
                do {
                  answers.clear();
                  count = reader.read(answers);
                } while (count > 0);
                return count < 0;
              } catch (IOException closed) {
                return true;
              }
            });
  }

  private void forget(int number) {
    readers.remove(number);
    try (SocketChannel connection = connections.remove(number)) {
      // Closed by the end of this block, if it is there.
    } catch (IOException closed) {
      // So it is.
    }
  }

  @Override
  public void close() {
    List.copyOf(connections.keySet()).forEach(this::forget);
  }
}
