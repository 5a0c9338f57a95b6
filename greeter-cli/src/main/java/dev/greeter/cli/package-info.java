/** The command-line client of the greeter service. */
@NullMarked
package dev.greeter.cli;

import org.jspecify.annotations.NullMarked;
