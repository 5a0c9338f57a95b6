/** Exports the client's metrics and traces over OTLP. */
@NullMarked
package dev.greeter.cli.telemetry;

import org.jspecify.annotations.NullMarked;
