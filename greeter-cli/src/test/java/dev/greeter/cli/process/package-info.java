/** The programs as their users meet them: processes with arguments, streams and exit codes. */
@NullMarked
package dev.greeter.cli.process;

import org.jspecify.annotations.NullMarked;
