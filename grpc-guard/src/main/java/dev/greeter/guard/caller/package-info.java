/** The identity of a caller, for handlers. */
@NullMarked
package dev.greeter.guard.caller;

import org.jspecify.annotations.NullMarked;
