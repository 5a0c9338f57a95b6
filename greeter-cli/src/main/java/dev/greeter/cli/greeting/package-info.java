/** The commands {@code greet} and {@code chat}, and the calls behind them. */
@NullMarked
package dev.greeter.cli.greeting;

import org.jspecify.annotations.NullMarked;
