/**
 * Protects a gRPC service: who may call, how often and for how long, and what is logged of it. It
 * depends on grpc-java, and neither on a framework nor on a transport.
 *
 * <p>{@link dev.greeter.guard.Guard} goes around a server; {@link
 * dev.greeter.guard.SecretCredentials} is the client's side of it. {@code caller} has the identity
 * of a caller, {@code file} files that are watched, and {@code setting} the exception for a setting
 * that cannot be used.
 */
@NullMarked
package dev.greeter.guard;

import org.jspecify.annotations.NullMarked;
