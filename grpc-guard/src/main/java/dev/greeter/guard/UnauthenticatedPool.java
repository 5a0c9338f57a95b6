package dev.greeter.guard;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Connections or calls in order of arrival. Those of unauthenticated peers are limited: a newcomer
 * is always admitted, and the oldest gives way to it, starting with addresses that have many. A
 * caller with the secret authenticates quickly, and a probe ends quickly: neither waits for a place
 * that others occupy.
 */
final class UnauthenticatedPool<T> implements Iterable<T> {

  private final int max;
  private final int maxPerAddress;
  private final Function<T, @Nullable Object> addressOf;
  private final Predicate<T> isAuthenticated;
  private final Predicate<T> isHeld;
  private final Set<T> inOrder = new LinkedHashSet<>();

  /**
   * @param addressOf returns the {@link PeerAddress} key of an item
   * @param isAuthenticated returns whether an item is no longer limited
   * @param isHeld returns whether its peer can keep an item open indefinitely: it goes first
   */
  UnauthenticatedPool(
      int max,
      int maxPerAddress,
      Function<T, @Nullable Object> addressOf,
      Predicate<T> isAuthenticated,
      Predicate<T> isHeld) {
    this.max = max;
    this.maxPerAddress = maxPerAddress;
    this.addressOf = addressOf;
    this.isAuthenticated = isAuthenticated;
    this.isHeld = isHeld;
  }

  /** Adds a newcomer; returns the item that must end for it, or null if there is room. */
  synchronized @Nullable T add(T newcomer) {
    Object address = addressOf.apply(newcomer);
    T evicted = null;
    if (address != null && unauthenticated(isFrom(address)).size() >= maxPerAddress) {
      evicted = evict(isFrom(address));
    } else if (inOrder.size() >= max) {
      List<T> all = unauthenticated(item -> true);
      evicted = all.size() < max ? null : evict(greediestOf(all));
    }
    inOrder.add(newcomer);
    return evicted;
  }

  private Predicate<T> isFrom(@Nullable Object address) {
    return item -> Objects.equals(addressOf.apply(item), address);
  }

  /** If each has few, the address with the most may belong to short-lived clients. */
  private Predicate<T> greediestOf(List<T> all) {
    return all.stream()
        .collect(
            groupingBy(
                item -> Optional.ofNullable(addressOf.apply(item)),
                LinkedHashMap::new, // On a tie, the address of the oldest item.
                counting()))
        .entrySet()
        .stream()
        .filter(address -> address.getValue() > max / 10)
        .max(Map.Entry.comparingByValue())
        .map(most -> isFrom(most.getKey().orElse(null)))
        .orElse(item -> true);
  }

  /** Removes the oldest matching unauthenticated item; returns null if there is none. */
  synchronized @Nullable T evict(Predicate<T> among) {
    List<T> items = unauthenticated(among);
    T oldest =
        items.stream().filter(isHeld).findFirst().orElse(items.isEmpty() ? null : items.get(0));
    inOrder.remove(oldest);
    return oldest;
  }

  private List<T> unauthenticated(Predicate<T> among) {
    return inOrder.stream().filter(isAuthenticated.negate().and(among)).toList();
  }

  /** Removes an item that has ended; returns whether it was present. */
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
