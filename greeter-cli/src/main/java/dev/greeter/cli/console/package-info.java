/** Standard input, output and error, and how failures are printed. */
@NullMarked
package dev.greeter.cli.console;

import org.jspecify.annotations.NullMarked;
