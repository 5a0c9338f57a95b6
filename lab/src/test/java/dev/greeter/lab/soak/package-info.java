/** A day in half an hour: replicas under load, and what goes wrong; {@code .ci/soak} runs it. */
@NullMarked
package dev.greeter.lab.soak;

import org.jspecify.annotations.NullMarked;
