/** What a call costs, beside one of plain grpc-java; {@code mvn -Pbenchmark verify} runs it. */
@NullMarked
package dev.greeter.service.benchmark;

import org.jspecify.annotations.NullMarked;
