/** What a command is made of: its options and its help, which are said once. */
@NullMarked
package dev.greeter.cli.command;

import org.jspecify.annotations.NullMarked;
