/**
 * Protects a gRPC service: who may call, how often and for how long, and what is logged. It depends
 * on grpc-java, and neither on a framework nor on a transport. {@link dev.greeter.guard.Guard} goes
 * around a server; {@link dev.greeter.guard.SecretCredentials} is the client's side of it.
 */
@NullMarked
package dev.greeter.guard;

import org.jspecify.annotations.NullMarked;
