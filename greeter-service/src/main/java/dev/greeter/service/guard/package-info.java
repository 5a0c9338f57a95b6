/**
 * The guard in front of every service: {@code GuardConfiguration} says which interceptors of the
 * library {@code grpc-guard} a call meets, in which order and why, and makes them from the
 * settings, the secret among them.
 */
@NullMarked
package dev.greeter.service.guard;

import org.jspecify.annotations.NullMarked;
