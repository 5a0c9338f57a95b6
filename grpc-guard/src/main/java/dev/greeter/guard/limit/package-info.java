/**
 * What callers may take: how many connections and calls there are at a time, how large, how long
 * and how often they are. Whoever has not shown the secret gets little of that: what an open
 * service, such as health, may be asked is the {@code open} policy of {@link ServicePolicies}.
 */
@NullMarked
package dev.greeter.guard.limit;

import org.jspecify.annotations.NullMarked;
