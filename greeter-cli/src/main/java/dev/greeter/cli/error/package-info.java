/** What the user is told when something fails, and the exit codes. */
@NullMarked
package dev.greeter.cli.error;

import org.jspecify.annotations.NullMarked;
