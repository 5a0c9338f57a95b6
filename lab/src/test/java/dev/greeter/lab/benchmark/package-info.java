/** What a call costs, beside one of plain grpc-java; {@code .ci/benchmark} runs it. */
@NullMarked
package dev.greeter.lab.benchmark;

import org.jspecify.annotations.NullMarked;
