package dev.greeter.guard;

import com.google.common.base.Ticker;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A bucket of tokens for each caller: an address, as {@link PeerAddress} tells them apart, or a
 * client.
 *
 * <p>Their number is bounded. A bucket is forgotten when it would be full again, which changes
 * nothing for its caller. While there are as many as may be, further callers have one bucket
 * between them. None is evicted for another: a caller with endless addresses could otherwise wash
 * an empty bucket away with them. The price is that they can spoil the shared one for newcomers.
 */
final class Buckets {

  private final Bandwidth limit;
  private final int maxCallers;
  private final TimeMeter clock;
  private final Cache<Object, Bucket> buckets;
  private final Bucket shared;

  /**
   * Creates them.
   *
   * @param tokens how many a bucket gets in a period
   * @param capacity how many it holds
   */
  Buckets(int tokens, Duration period, int capacity, int maxCallers, TimeMeter clock) {
    this.limit = Bandwidth.builder().capacity(capacity).refillGreedy(tokens, period).build();
    this.maxCallers = maxCallers;
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

  /** Returns the bucket of a caller. */
  Bucket of(Object caller) {
    Bucket bucket = buckets.getIfPresent(caller);
    return bucket == null ? ofNewcomer(caller) : bucket;
  }

  private synchronized Bucket ofNewcomer(Object caller) {
    if (buckets.size() >= maxCallers) {
      // The size counts those that have expired until they are cleaned up.
      buckets.cleanUp();
      if (buckets.size() >= maxCallers) {
        return shared;
      }
    }
    return buckets.asMap().computeIfAbsent(caller, key -> newBucket());
  }

  private Bucket newBucket() {
    return Bucket.builder().addLimit(limit).withCustomTimePrecision(clock).build();
  }
}
