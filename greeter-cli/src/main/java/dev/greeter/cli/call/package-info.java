/** Channels to the service, and the diagnosis of failed calls. */
@NullMarked
package dev.greeter.cli.call;

import org.jspecify.annotations.NullMarked;
