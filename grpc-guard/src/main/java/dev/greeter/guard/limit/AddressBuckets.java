package dev.greeter.guard.limit;

import com.google.common.base.Ticker;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A bucket of tokens for each address, as {@link PeerAddress} tells them apart.
 *
 * <p>Their number is bounded. A bucket is forgotten when it would be full again, which changes
 * nothing for its address. While there are as many as may be, further addresses have one bucket
 * between them. None is evicted for another: whoever has addresses without end could otherwise wash
 * an empty bucket away with them. The price is that they can spoil the shared one for newcomers.
 */
final class AddressBuckets {

  private final Bandwidth limit;
  private final int maxAddresses;
  private final TimeMeter clock;
  private final Cache<Object, Bucket> buckets;
  private final Bucket shared;

  AddressBuckets(Bandwidth limit, int maxAddresses, TimeMeter clock) {
    this.limit = limit;
    this.maxAddresses = maxAddresses;
    this.clock = clock;
    this.shared = newBucket();
    long nanosToFill = limit.getRefillPeriodNanos() * limit.getCapacity() / limit.getRefillTokens();
    this.buckets =
        CacheBuilder.newBuilder()
            .expireAfterAccess(nanosToFill + 1, TimeUnit.NANOSECONDS)
            .ticker(
                new Ticker() {
                  @Override
                  public long read() {
                    return clock.currentTimeNanos();
                  }
                })
            .build();
  }

  /** Returns the bucket of a caller; those without an address, within the machine, have one. */
  Bucket of(@Nullable SocketAddress peer) {
    Object address = PeerAddress.of(peer);
    Bucket bucket = buckets.getIfPresent(address);
    return bucket == null ? ofNewcomer(address) : bucket;
  }

  private synchronized Bucket ofNewcomer(Object address) {
    if (buckets.size() >= maxAddresses) {
      // The size counts those that have expired until they are cleaned up.
      buckets.cleanUp();
      if (buckets.size() >= maxAddresses) {
        return shared;
      }
    }
    return buckets.asMap().computeIfAbsent(address, key -> newBucket());
  }

  private Bucket newBucket() {
    return Bucket.builder().addLimit(limit).withCustomTimePrecision(clock).build();
  }
}
