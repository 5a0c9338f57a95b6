/** Protects the connections of a server on Netty; start with {@link GuardedNetty}. */
@NullMarked
package dev.greeter.guard.netty;

import org.jspecify.annotations.NullMarked;
