package dev.greeter.guard;

import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What strangers hold of something that there is little of, such as connections. A newcomer is
 * always let in, and the oldest gives way to it, first of an address that holds much: who has the
 * secret shows it in a moment, and a probe is over in one, so neither waits for a place that others
 * hold on to.
 *
 * @param <T> what they hold; it does not count while its peer is authenticated
 */
final class Strangers<T> implements Iterable<T> {

  private final int max;
  private final int maxPerAddress;
  private final Function<T, Peer> peerOf; // Returns who holds a thing.
  private final Predicate<T> isHeld;
  private final Set<T> inOrder = new LinkedHashSet<>();

  /**
   * Creates the holder.
   *
   * @param isHeld whether a thing is one that can be held on to for long: it goes before others
   */
  Strangers(int max, int maxPerAddress, Function<T, Peer> peerOf, Predicate<T> isHeld) {
    this.max = max;
    this.maxPerAddress = maxPerAddress;
    this.peerOf = peerOf;
    this.isHeld = isHeld;
  }

  /**
   * Adds what a newcomer holds.
   *
   * @return what has to be ended for it, and is not counted any more; null if there is room
   */
  synchronized @Nullable T add(T newcomer) {
    Object address = peerOf.apply(newcomer).address();
    T oldest = address == null ? null : takeOldest(maxPerAddress, peer -> peer.isFrom(address));
    if (oldest == null && inOrder.size() >= max) {
      oldest = takeOldestOfGreediest();
    }
    inOrder.add(newcomer);
    return oldest;
  }

  /** Takes out the oldest, if there are as many as may be: of the address that holds much. */
  private @Nullable T takeOldestOfGreediest() {
    Map<@Nullable Object, Integer> counts = new LinkedHashMap<>();
    int all = 0;
    for (T held : inOrder) {
      Peer peer = peerOf.apply(held);
      if (!peer.isAccepted()) {
        counts.merge(peer.address(), 1, Integer::sum);
        all++;
      }
    }
    if (all < max) {
      return null;
    }
    var most = Collections.max(counts.entrySet(), Map.Entry.comparingByValue());
    // With few each, it may be the address of those who come and go as they should.
    boolean greedy = most.getValue() > max / 10;
    return takeOldest(0, peer -> !greedy || peer.isFrom(most.getKey()));
  }

  /**
   * Takes out what has been held for longest, if there are as many as may be.
   *
   * @param among whose things count
   * @param max how many of these may stay
   * @return what has to be ended, and is not counted any more; null if there is room
   */
  synchronized @Nullable T takeOldest(int max, Predicate<Peer> among) {
    T oldest = null;
    int count = 0;
    for (T next : inOrder) {
      Peer peer = peerOf.apply(next);
      if (!peer.isAccepted() && among.test(peer)) {
        count++;
        if (oldest == null || isHeld.test(next) && !isHeld.test(oldest)) {
          oldest = next;
        }
      }
    }
    if (oldest == null || count < max) {
      return null;
    }
    inOrder.remove(oldest);
    return oldest;
  }

  /**
   * Removes what is held no longer.
   *
   * @return whether it was counted until now
   */
  synchronized boolean remove(T held) {
    return inOrder.remove(held);
  }

  /** Goes through what is held now, the oldest first. */
  @Override
  public synchronized Iterator<T> iterator() {
    return List.copyOf(inOrder).iterator();
  }
}
