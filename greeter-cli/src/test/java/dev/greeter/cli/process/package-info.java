/** The programs as users run them: processes with arguments, streams and exit codes. */
@NullMarked
package dev.greeter.cli.process;

import org.jspecify.annotations.NullMarked;
