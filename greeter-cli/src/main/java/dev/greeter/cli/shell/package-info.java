/** The sources of commands: arguments, a pipe or a terminal. */
@NullMarked
package dev.greeter.cli.shell;

import org.jspecify.annotations.NullMarked;
