/**
 * The container's probe: a program of its own that asks the service for its health. What such calls
 * may take of the service is set by {@code greeter.server.limits.open}.
 */
@NullMarked
package dev.greeter.service.health;

import org.jspecify.annotations.NullMarked;
