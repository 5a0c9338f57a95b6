package dev.greeter.guard;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Connections or calls in the order of their arrival. Those of unauthenticated peers are limited: a
 * newcomer is always let in, and the oldest gives way to it, first that of an address with many. A
 * caller with the secret authenticates in a moment, and a probe ends in one, so neither waits for a
 * place that others hold on to.
 */
final class UnauthenticatedPool<T> implements Iterable<T> {

  private final int max;
  private final int maxPerAddress;
  private final Function<T, Peer> peerOf;
  private final Predicate<T> isHeld;
  private final Set<T> inOrder = new LinkedHashSet<>();

  /**
   * @param isHeld returns whether an item may last for as long as its peer likes: it goes first
   */
  UnauthenticatedPool(int max, int maxPerAddress, Function<T, Peer> peerOf, Predicate<T> isHeld) {
    this.max = max;
    this.maxPerAddress = maxPerAddress;
    this.peerOf = peerOf;
    this.isHeld = isHeld;
  }

  /** Adds a newcomer; returns the item that has to be ended for it, or null if there is room. */
  synchronized @Nullable T add(T newcomer) {
    Object address = peerOf.apply(newcomer).address;
    T evicted = null;
    if (address != null && unauthenticated(peer -> peer.isFrom(address)).size() >= maxPerAddress) {
      evicted = evict(peer -> peer.isFrom(address));
    } else if (inOrder.size() >= max) {
      List<T> all = unauthenticated(peer -> true);
      evicted = all.size() < max ? null : evict(greediestOf(all));
    }
    inOrder.add(newcomer);
    return evicted;
  }

  /** With few each, the address that has the most may be that of clients that come and go. */
  private Predicate<Peer> greediestOf(List<T> all) {
    return all.stream()
        .collect(
            groupingBy(
                item -> Optional.ofNullable(peerOf.apply(item).address),
                LinkedHashMap::new, // Of several with as many, that of the oldest item.
                counting()))
        .entrySet()
        .stream()
        .filter(address -> address.getValue() > max / 10)
        .max(Map.Entry.comparingByValue())
        .<Predicate<Peer>>map(most -> peer -> peer.isFrom(most.getKey().orElse(null)))
        .orElse(peer -> true);
  }

  /** Removes the oldest item of some unauthenticated peers; returns null if there is none. */
  synchronized @Nullable T evict(Predicate<Peer> among) {
    List<T> items = unauthenticated(among);
    T oldest =
        items.stream().filter(isHeld).findFirst().orElse(items.isEmpty() ? null : items.get(0));
    inOrder.remove(oldest);
    return oldest;
  }

  private List<T> unauthenticated(Predicate<Peer> among) {
    return inOrder.stream()
        .filter(item -> !peerOf.apply(item).isAuthenticated() && among.test(peerOf.apply(item)))
        .toList();
  }

  /** Removes an item that has ended; returns whether it was still there. */
  synchronized boolean remove(T item) {
    return inOrder.remove(item);
  }

  /** Iterates over a copy, the oldest item first. */
  @Override
  public synchronized Iterator<T> iterator() {
    return List.copyOf(inOrder).iterator();
  }

  synchronized int count(Predicate<T> among) {
    return (int) inOrder.stream().filter(among).count();
  }
}
