package dev.greeter.service.attack;

import java.io.IOException;
import java.util.List;

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
}
