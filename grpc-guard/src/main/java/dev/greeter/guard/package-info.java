/**
 * Protects a gRPC service: checks secrets, limits calls, and logs how they end. It depends only on
 * grpc-java, not on a framework or a transport. {@link dev.greeter.guard.Guard} wraps a server;
 * {@link dev.greeter.guard.SecretCredentials} is the client side.
 */
@NullMarked
package dev.greeter.guard;

import org.jspecify.annotations.NullMarked;
