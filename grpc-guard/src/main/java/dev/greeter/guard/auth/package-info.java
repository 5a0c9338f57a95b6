/** The secret: who has it gets through, on the side of the service and of the client. */
@NullMarked
package dev.greeter.guard.auth;

import org.jspecify.annotations.NullMarked;
