/** The question whether the service answers, as a program of its own. */
@NullMarked
package dev.greeter.service.health;

import org.jspecify.annotations.NullMarked;
