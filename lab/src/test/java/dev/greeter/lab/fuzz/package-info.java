/** Random sessions of HTTP/2 and gRPC; {@code .ci/fuzz} runs them. */
@NullMarked
package dev.greeter.lab.fuzz;

import org.jspecify.annotations.NullMarked;
