/** The gRPC service that greets callers that know the shared secret. */
@NullMarked
package dev.greeter.service;

import org.jspecify.annotations.NullMarked;
