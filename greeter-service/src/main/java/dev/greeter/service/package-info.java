/** The gRPC service that greets whoever knows the shared secret. */
@NullMarked
package dev.greeter.service;

import org.jspecify.annotations.NullMarked;
