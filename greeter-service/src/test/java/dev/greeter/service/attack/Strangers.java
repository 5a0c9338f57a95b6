package dev.greeter.service.attack;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/** Connections without the secret, which last until all are closed. */
public final class Strangers implements AutoCloseable {

  /** One address for all of them. */
  static final IntFunction<String> ONE_ADDRESS = connection -> Http2Peer.ADDRESS;

  /** Less than a siege lasts. */
  private static final long SECONDS = 8;

  private static final long BEFORE_NEXT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Queue<Stranger> connected = new ConcurrentLinkedQueue<>();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private final int port;
  private final boolean tls;
  private volatile boolean closed;

  /** What is done over a connection. */
  interface Action {
    void accept(Stranger stranger) throws IOException;
  }

  Strangers(int port) {
    this(port, false);
  }

  Strangers(int port, boolean tls) {
    this.port = port;
    this.tls = tls;
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
        var peer = Http2Peer.silent(port, from.apply(i), receiveBuffer);
        var stranger = new Stranger(tls ? peer.overTls() : peer);
        connected.add(stranger);
        action.accept(stranger);
      } catch (IOException e) {
        turnedAway.incrementAndGet();
      }
    }
  }

  /**
   * Does something over connections at the same time, and over a new one whenever one has ended;
   * returns after a while, and goes on until all are closed.
   */
  void keepAtIt(int connections, IntFunction<String> from, Action action)
      throws InterruptedException {
    for (int i = 0; i < connections; i++) {
      String address = from.apply(i);
      var thread =
          new Thread(
              () -> {
                while (!closed) {
                  silent(1, ignored -> address, 0, action);
                  LockSupport.parkNanos(BEFORE_NEXT_NANOS);
                }
              },
              "attacker");
      thread.setDaemon(true);
      thread.start();
    }
    TimeUnit.SECONDS.sleep(SECONDS);
  }

  /** Does something over each of the connections so far that the service has not ended. */
  void again(Action action) {
    for (var stranger : connected) {
      try {
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
    closed = true;
    for (var stranger : connected) {
      stranger.close();
    }
  }
}
