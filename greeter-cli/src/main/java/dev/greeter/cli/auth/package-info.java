/** The mirror image of the service's auth check: adds the secret to every call. */
@NullMarked
package dev.greeter.cli.auth;

import org.jspecify.annotations.NullMarked;
