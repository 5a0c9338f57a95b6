package dev.greeter.lab;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Connections that show no secret, or not at first; they last until all are closed. */
public final class UnauthenticatedCallers implements AutoCloseable {

  /** Instead of a number of addresses: the address of the control clients. */
  public static final int CONTROL_ADDRESS = 0;

  /** Small; but if it is smaller still, Linux drops what it should acknowledge. */
  private static final int LITTLE_ROOM = 32 * 1024;

  /** An attack that the service has brought to a halt is not awaited. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(6);

  private static final long MOST_NANOS_TO_REPEAT = TimeUnit.SECONDS.toNanos(4);

  private final Queue<Http2Peer> connected = new ConcurrentLinkedQueue<>();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private final ServiceContainer service;
  private volatile boolean closed;

  /** What is done over a connection. */
  public interface Action {
    /** Does it; the service may end the connection meanwhile. */
    void accept(Http2Peer peer) throws IOException;
  }

  /** Prepares connections to a service. */
  public UnauthenticatedCallers(ServiceContainer service) {
    this.service = service;
  }

  /** Completes handshakes from one address, and does something over each connection. */
  public void each(int connections, Action action) throws InterruptedException {
    each(connections, 1, action);
  }

  /** Completes handshakes from several addresses, and does something over each connection. */
  public void each(int connections, int addresses, Action action) throws InterruptedException {
    silent(connections, addresses, peer -> action.accept(peer.shakeHands()));
  }

  /** Connects from several addresses, and does something over each connection. */
  public void silent(int connections, int addresses, Action action) throws InterruptedException {
    connect(connections, addresses, 0, action);
  }

  /** Completes handshakes on connections that have little room for answers. */
  public void deaf(int connections, Action action) throws InterruptedException {
    connect(connections, 1, LITTLE_ROOM, peer -> action.accept(peer.shakeHands()));
  }

  private void connect(int connections, int addresses, int receiveBuffer, Action action)
      throws InterruptedException {
    long end = System.nanoTime() + MOST_NANOS;
    Thread thread =
        start(
            () -> {
              for (int i = 0; i < connections && !closed && System.nanoTime() < end; i++) {
                connect(address(i, addresses), receiveBuffer, action);
              }
            });
    TimeUnit.NANOSECONDS.timedJoin(thread, MOST_NANOS);
  }

  /**
   * Does something over connections at the same time, and over a new one whenever one has ended.
   * Returns once each was replaced twice, or after 5 s, and continues until all are closed.
   */
  public void repeat(int connections, int addresses, Action action) throws InterruptedException {
    for (int i = 0; i < connections; i++) {
      String address = address(i, addresses);
      start(
          () -> {
            while (!closed) {
              connect(address, 0, action);
              pause();
            }
          });
    }
    long end = System.nanoTime() + MOST_NANOS_TO_REPEAT;
    while (connected.size() < 3 * connections && System.nanoTime() < end) {
      Thread.sleep(100);
    }
  }

  private static Thread start(Runnable attack) {
    var thread = new Thread(attack, "caller");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static String address(int connection, int addresses) {
    return addresses == CONTROL_ADDRESS ? "127.0.0.1" : "127.0.7." + (1 + connection % addresses);
  }

  private void connect(String from, int receiveBuffer, Action action) {
    try {
      Http2Peer peer = Http2Peer.silent(service.port(), from, receiveBuffer);
      if (service.hasTls()) {
        peer = peer.overTls();
      }
      connected.add(peer);
      action.accept(peer);
    } catch (IOException e) {
      turnedAway.incrementAndGet();
    }
  }

  /** Does something over each connection so far that the service has not ended. */
  public void again(Action action) {
    for (Http2Peer peer : connected) {
      try {
        action.accept(peer);
      } catch (IOException e) {
        turnedAway.incrementAndGet();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return connected.size() + " connected, " + turnedAway + " turned away";
  }

  @Override
  public void close() throws IOException {
    closed = true;
    for (Http2Peer peer : connected) {
      peer.close();
    }
  }
}
