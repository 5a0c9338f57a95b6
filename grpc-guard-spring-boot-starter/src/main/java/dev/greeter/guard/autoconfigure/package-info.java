/**
 * Puts {@link dev.greeter.guard.Guard} around the services of Spring Boot's own gRPC support, and
 * makes its channels send the secret.
 */
@NullMarked
package dev.greeter.guard.autoconfigure;

import org.jspecify.annotations.NullMarked;
