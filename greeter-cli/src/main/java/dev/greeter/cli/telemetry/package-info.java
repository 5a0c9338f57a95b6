/** Metrics and traces for whoever watches the client, over OTLP. */
@NullMarked
package dev.greeter.cli.telemetry;

import org.jspecify.annotations.NullMarked;
