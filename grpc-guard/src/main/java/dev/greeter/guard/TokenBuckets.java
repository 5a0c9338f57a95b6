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
 * A token bucket for each caller: an address, as a {@link PeerAddress} key, or a client.
 *
 * <p>Their number is bounded. A bucket is forgotten when it would be full again, even if the last
 * call overdrew it, which changes nothing for its caller. While there is no room, further callers
 * share one bucket. None is evicted for another: a caller with endless addresses could otherwise
 * discard its empty bucket. The price is that such a caller can empty the shared one.
 */
final class TokenBuckets {

  private final Bandwidth limit;
  private final int maxCallers;
  private final TimeMeter clock;
  private final Cache<Object, Bucket> buckets;
  private final Bucket shared;

  TokenBuckets(int tokens, Duration period, int capacity, int maxCallers, TimeMeter clock) {
    this.limit = Bandwidth.builder().capacity(capacity).refillGreedy(tokens, period).build();
    this.maxCallers = maxCallers;
    this.clock = clock;
    this.shared = newBucket();
    long tokensToFill = limit.getCapacity() + AuthenticationServerInterceptor.MAX_VALUES;
    long nanosToFill = limit.getRefillPeriodNanos() * tokensToFill / limit.getRefillTokens();
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

  Bucket of(Object caller) {
    Bucket bucket = buckets.getIfPresent(caller);
    return bucket == null ? ofNewcomer(caller) : bucket;
  }

  private synchronized Bucket ofNewcomer(Object caller) {
    if (buckets.size() >= maxCallers) {
      buckets.cleanUp(); // Until then the size includes expired ones.
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
