/** Adds the secret to every call: the counterpart of the service's authentication. */
@NullMarked
package dev.greeter.cli.auth;

import org.jspecify.annotations.NullMarked;
