@NullMarked
package dev.greeter.service.telemetry;

import org.jspecify.annotations.NullMarked;
