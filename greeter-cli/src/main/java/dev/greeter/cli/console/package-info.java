/** What a command reads from and writes to, and the forms in which it writes. */
@NullMarked
package dev.greeter.cli.console;

import org.jspecify.annotations.NullMarked;
