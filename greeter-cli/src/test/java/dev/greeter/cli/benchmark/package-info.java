/** Baselines for the client's startup benchmark. */
@NullMarked
package dev.greeter.cli.benchmark;

import org.jspecify.annotations.NullMarked;
