/** Metrics and traces for whoever watches the service, over OTLP. */
@NullMarked
package dev.greeter.service.telemetry;

import org.jspecify.annotations.NullMarked;
