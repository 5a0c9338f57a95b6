/** Connections: who is let in, what a peer can make them keep, and how they are written to. */
@NullMarked
package dev.greeter.service.connection;

import org.jspecify.annotations.NullMarked;
