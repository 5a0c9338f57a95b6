/** Standard input, output and error, and the reporting of failures. */
@NullMarked
package dev.greeter.cli.console;

import org.jspecify.annotations.NullMarked;
