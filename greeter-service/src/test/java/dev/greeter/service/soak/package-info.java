/** A day in half an hour: three replicas under load, and every minute something that goes wrong. */
@NullMarked
package dev.greeter.service.soak;

import org.jspecify.annotations.NullMarked;
