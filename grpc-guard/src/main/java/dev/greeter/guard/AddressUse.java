package dev.greeter.guard;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What is open from each address; one of which nothing is open is forgotten. */
final class AddressUse {

  private final Map<Object, Use> addresses = new HashMap<>();

  /** Notes a connection, whose calls count with the others of its address. */
  synchronized void begin(Peer peer) {
    if (peer.address() == null) {
      return;
    }
    Use use = addresses.computeIfAbsent(peer.address(), address -> new Use());
    use.peers.add(peer);
    peer.shareCalls(use.calls);
  }

  /** Notes the end of a connection, if it was noted before. */
  synchronized void end(Peer peer) {
    if (peer.address() != null) {
      addresses.computeIfPresent(
          peer.address(),
          (address, use) -> use.peers.remove(peer) && use.peers.isEmpty() ? null : use);
    }
  }

  synchronized int connections(@Nullable Object address) {
    Use use = addresses.get(address);
    return use == null ? 0 : use.peers.size();
  }

  private static final class Use {
    final AtomicInteger calls = new AtomicInteger();
    final Set<Peer> peers = new HashSet<>();
  }
}
