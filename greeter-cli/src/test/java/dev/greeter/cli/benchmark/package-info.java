/** Programs that the client's start is measured against. */
@NullMarked
package dev.greeter.cli.benchmark;

import org.jspecify.annotations.NullMarked;
