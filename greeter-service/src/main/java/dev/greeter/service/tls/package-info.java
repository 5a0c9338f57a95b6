/**
 * TLS from the files that {@code grpc.server.security.*} names, as they are when a client comes.
 */
@NullMarked
package dev.greeter.service.tls;

import org.jspecify.annotations.NullMarked;
