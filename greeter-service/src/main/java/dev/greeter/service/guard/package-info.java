/** The guard in front of every service: authentication, interceptor order and secrets. */
@NullMarked
package dev.greeter.service.guard;

import org.jspecify.annotations.NullMarked;
