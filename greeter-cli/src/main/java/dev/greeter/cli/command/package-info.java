/** The commands and their options. */
@NullMarked
package dev.greeter.cli.command;

import org.jspecify.annotations.NullMarked;
