/** Compares the cost of a call with plain grpc-java; {@code .ci/benchmark} runs it. */
@NullMarked
package dev.greeter.lab.benchmark;

import org.jspecify.annotations.NullMarked;
