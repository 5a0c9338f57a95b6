/** Channels to the service, and why a call failed. */
@NullMarked
package dev.greeter.cli.call;

import org.jspecify.annotations.NullMarked;
