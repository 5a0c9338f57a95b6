/** The shell client that knows the shared secret. */
@NullMarked
package dev.greeter.cli;

import org.jspecify.annotations.NullMarked;
