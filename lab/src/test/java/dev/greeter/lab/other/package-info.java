/** Other services for the attacks, with and without protection. */
@NullMarked
package dev.greeter.lab.other;

import org.jspecify.annotations.NullMarked;
