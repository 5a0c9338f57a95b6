/** The auth check: who gets through, and what is open to all. */
@NullMarked
package dev.greeter.service.auth;

import org.jspecify.annotations.NullMarked;
