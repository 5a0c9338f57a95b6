/**
 * Connections of Netty: event loops, who is let in, TLS, whose certificates are renewed without a
 * restart, what a peer can make the service keep, and how it is written to.
 */
@NullMarked
package dev.greeter.service.connection;

import org.jspecify.annotations.NullMarked;
