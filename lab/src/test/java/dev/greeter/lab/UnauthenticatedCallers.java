package dev.greeter.lab;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Connections that send no secret, or not at first. They stay open until all are closed. */
public final class UnauthenticatedCallers implements AutoCloseable {

  /** Used instead of a number of addresses: the control clients' address. */
  public static final int CONTROL_ADDRESS = 0;

  /** A small buffer; with an even smaller one, Linux drops data that it should acknowledge. */
  private static final int LITTLE_ROOM = 32 * 1024;

  /** The maximum wait for an attack that the service has stopped. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(6);

  private static final long MOST_NANOS_TO_REPEAT = TimeUnit.SECONDS.toNanos(4);

  private final Queue<Http2Peer> connected = new ConcurrentLinkedQueue<>();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private final ServiceContainer service;
  private volatile boolean closed;

  /** An action on a connection. */
  public interface Action {
    /** Runs the action; the service may end the connection meanwhile. */
    void accept(Http2Peer peer) throws IOException;
  }

  /** Prepares connections to a service. */
  public UnauthenticatedCallers(ServiceContainer service) {
    this.service = service;
  }

  /** Completes handshakes from one address and runs an action on each connection. */
  public void each(int connections, Action action) throws InterruptedException {
    each(connections, 1, action);
  }

  /** Completes handshakes from several addresses and runs an action on each connection. */
  public void each(int connections, int addresses, Action action) throws InterruptedException {
    silent(connections, addresses, peer -> action.accept(peer.shakeHands()));
  }

  /** Connects from several addresses and runs an action on each connection. */
  public void silent(int connections, int addresses, Action action) throws InterruptedException {
    connect(connections, addresses, 0, action);
  }

  /** Completes handshakes on connections with little buffer for answers. */
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
   * Runs an action on connections concurrently, and replaces connections that end. Returns after
   * each was replaced twice, or after 5 s, and continues until all are closed.
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

  /** Runs an action on each connection that is still open. */
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
