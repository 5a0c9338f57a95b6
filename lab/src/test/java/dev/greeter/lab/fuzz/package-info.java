/** Sessions of HTTP/2 and gRPC that nobody has thought of; {@code .ci/fuzz} runs them. */
@NullMarked
package dev.greeter.lab.fuzz;

import org.jspecify.annotations.NullMarked;
