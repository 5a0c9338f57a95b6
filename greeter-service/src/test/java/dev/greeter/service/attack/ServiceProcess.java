package dev.greeter.service.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The service as something that runs beside the test: the jar, or the image. */
interface ServiceProcess extends AutoCloseable {

  boolean isAlive() throws IOException;

  /** Returns all lines so far. */
  List<String> log() throws IOException;

  /** Returns the most memory that it has had, in words; only while it lives. */
  String peakMemory() throws IOException;

  /**
   * Sends SIGTERM, waits for the end, and returns the exit code; after five seconds it is killed.
   */
  int stop() throws IOException, InterruptedException;

  /** Returns what the system has done to it, or nothing. */
  String fate() throws IOException;

  @Override
  void close() throws IOException, InterruptedException;

  /**
   * Finds a port that nobody listens on, below those that Linux takes for the ends of clients: one
   * of these may be taken before the service listens.
   */
  static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (var free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException taken) {
        // The next one.
      }
    }
  }
}
