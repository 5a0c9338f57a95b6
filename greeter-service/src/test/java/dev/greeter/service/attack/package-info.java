/** Clients that misbehave, each in its own way, and one beside them that gets its greetings. */
@NullMarked
package dev.greeter.service.attack;

import org.jspecify.annotations.NullMarked;
