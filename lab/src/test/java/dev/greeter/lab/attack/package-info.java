/** Misbehaving clients against the service's image. */
@NullMarked
package dev.greeter.lab.attack;

import org.jspecify.annotations.NullMarked;
