/** The access log: how calls end. */
@NullMarked
package dev.greeter.guard.access;

import org.jspecify.annotations.NullMarked;
