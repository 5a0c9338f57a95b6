/** From what is typed, piped or given as arguments to a command that runs. */
@NullMarked
package dev.greeter.cli.shell;

import org.jspecify.annotations.NullMarked;
