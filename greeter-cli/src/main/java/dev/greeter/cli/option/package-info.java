/** Parses the command line: words, options and arguments. */
@NullMarked
package dev.greeter.cli.option;

import org.jspecify.annotations.NullMarked;
