/** Whether greetings would work, and if not, why: the command {@code status} and the prompt. */
@NullMarked
package dev.greeter.cli.status;

import org.jspecify.annotations.NullMarked;
