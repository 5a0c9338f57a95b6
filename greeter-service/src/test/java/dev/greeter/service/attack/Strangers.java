package dev.greeter.service.attack;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** Connections without the secret, which last until all are closed. */
public final class Strangers implements AutoCloseable {

  /** One address for all of them. */
  static final IntFunction<String> ONE_ADDRESS = connection -> Http2Peer.ADDRESS;

  private final Queue<Stranger> connected = new ConcurrentLinkedQueue<>();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private final int port;

  /** What is done over a connection. */
  interface Action {
    void accept(Stranger stranger) throws IOException;
  }

  Strangers(int port) {
    this.port = port;
  }

  /** Returns the port of the service. */
  public int port() {
    return port;
  }

  /** Returns so many addresses of the loopback interface, in turn. */
  static IntFunction<String> addresses(int count) {
    return connection -> "127.0.7." + (1 + connection % count);
  }

  /** Makes connections, with the handshake, and does something over each. */
  void each(int connections, Action action) {
    each(connections, ONE_ADDRESS, 0, action);
  }

  /** Makes connections, with the handshake, and does something over each. */
  void each(int connections, IntFunction<String> from, int receiveBuffer, Action action) {
    silent(
        connections,
        from,
        receiveBuffer,
        stranger -> {
          stranger.peer().shakeHands();
          action.accept(stranger);
        });
  }

  /** Makes connections, and does something over each; the service may end them. */
  void silent(int connections, IntFunction<String> from, int receiveBuffer, Action action) {
    for (int i = 0; i < connections && !Thread.currentThread().isInterrupted(); i++) {
      try {
        var stranger = new Stranger(Http2Peer.silent(port, from.apply(i), receiveBuffer));
        connected.add(stranger);
        action.accept(stranger);
      } catch (IOException e) {
        turnedAway.incrementAndGet();
      }
    }
  }

  @Override
  public String toString() {
    return connected.size() + " connected, " + turnedAway + " turned away";
  }

  @Override
  public void close() throws IOException {
    for (var stranger : connected) {
      stranger.close();
    }
  }
}
