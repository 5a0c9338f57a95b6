/** A day in half an hour: replicas under load, with failures; {@code .ci/soak} runs it. */
@NullMarked
package dev.greeter.lab.soak;

import org.jspecify.annotations.NullMarked;
