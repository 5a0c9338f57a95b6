/** The guard in front of every service: the auth check, its order among the others, the secrets. */
@NullMarked
package dev.greeter.service.guard;

import org.jspecify.annotations.NullMarked;
