/** Clients that misbehave, each in its own way, on the service's image. */
@NullMarked
package dev.greeter.lab.attack;

import org.jspecify.annotations.NullMarked;
