package dev.greeter.lab.fuzz;

import dev.greeter.lab.SecretsFile;
import dev.greeter.lab.fuzz.Step.Action;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Plays sessions against a service on the loopback interface, step by step. */
final class Player implements AutoCloseable {

  /** A small buffer; with an even smaller one, Linux drops data that it should acknowledge. */
  private static final int LITTLE_ROOM = 32 * 1024;

  /** The service may stop reading until its data has been sent. */
  private static final long MOST_NANOS_TO_SEND = TimeUnit.MILLISECONDS.toNanos(30);

  private final Map<Integer, SocketChannel> connections = new HashMap<>();
  private final Map<Integer, SocketChannel> readers = new HashMap<>();
  private final ByteBuffer answers = ByteBuffer.allocate(64 * 1024);
  private final int port;
  private final SecretsFile clients;

  private Player(int port, SecretsFile clients) {
    this.port = port;
    this.clients = clients;
  }

  /**
   * Plays sessions.
   *
   * @param clients the file of named secrets that the service watches
   */
  static void play(int port, SecretsFile clients, List<Step> steps) throws InterruptedException {
    try (var player = new Player(port, clients)) {
      player.play(steps);
    }
  }

  private void play(List<Step> steps) throws InterruptedException {
    for (Step step : steps) {
      try {
        play(step);
      } catch (IOException closed) {
        // The service may close it.
        forget(step.connection());
      }
      read();
    }
  }

  private void play(Step step) throws IOException, InterruptedException {
    SocketChannel connection = connections.get(step.connection());
    switch (step.action()) {
      case PAUSE -> Thread.sleep(step.millis());
      case OPEN, OPEN_DEAF, OPEN_TWIN -> open(step.connection(), step.action());
      case REVOKE -> clients.write(List.of(SecretsFile.ADA));
      case RESTORE -> restore(clients);
      case CLOSE -> forget(step.connection());
      default -> {
        if (connection != null) {
          use(connection, step);
        }
      }
    }
  }

  private void use(SocketChannel connection, Step step) throws IOException, InterruptedException {
    switch (step.action()) {
      case SEND -> send(connection, ByteBuffer.wrap(step.bytes()));
      case HALF_CLOSE -> connection.shutdownOutput();
      default -> {
        connection.setOption(StandardSocketOptions.SO_LINGER, 0);
        forget(step.connection());
      }
    }
  }

  static void restore(SecretsFile clients) throws IOException {
    clients.write(List.of(SecretsFile.ADA, "mallory " + Headers.REVOKED));
  }

  private void open(int number, Action action) throws IOException {
    forget(number);
    boolean reads = action != Action.OPEN_DEAF;
    SocketChannel before = action == Action.OPEN_TWIN ? connections.get(number - 1) : null;
    var connection = SocketChannel.open();
    connections.put(number, connection);
    connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (!reads) {
      connection.setOption(StandardSocketOptions.SO_RCVBUF, LITTLE_ROOM);
    }
    if (before == null) {
      // The well-behaved clients use 127.0.0.1.
      connection.bind(new InetSocketAddress("127.0.0." + (2 + number % 4), 0));
      connection.connect(new InetSocketAddress("127.0.0.1", port));
    } else {
      for (SocketChannel each : List.of(before, connection)) {
        each.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        each.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      connection.bind(before.getLocalAddress());
      connection.connect(new InetSocketAddress("127.0.0.2", port));
    }
    connection.configureBlocking(false);
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
      // Closed at the end of this block, if open.
    } catch (IOException closed) {
      // Already closed.
    }
  }

  @Override
  public void close() {
    List.copyOf(connections.keySet()).forEach(this::forget);
  }
}
