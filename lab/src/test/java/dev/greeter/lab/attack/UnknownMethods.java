package dev.greeter.lab.attack;

import static dev.greeter.lab.Http2Frames.*;

import com.google.protobuf.ByteString;
import dev.greeter.lab.UnauthenticatedCallers;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls to ever new unknown methods, in a sampled trace. */
final class UnknownMethods {

  private static final int CALLS_AT_A_TIME = 40;
  private static final String LONG_NAME = "x".repeat(7_690);
  private static final String TRACE = "1".repeat(32);
  private static final String TRACE_PARENT = "00-" + TRACE + "-" + "2".repeat(16) + "-01";

  private UnknownMethods() {}

  static void call(UnauthenticatedCallers callers) throws InterruptedException {
    var calls = new AtomicInteger();
    callers.repeat(
        20,
        1,
        peer -> {
          peer.shakeHands();
          for (int batch = 0; ; batch++) {
            int first = 2 * CALLS_AT_A_TIME * batch;
            peer.send(
                calls(
                    CALLS_AT_A_TIME,
                    stream ->
                        emptyCall(
                            first + stream,
                            "s/%s%07d".formatted(LONG_NAME, calls.incrementAndGet()),
                            "traceparent",
                            TRACE_PARENT)));
            peer.calls(CALLS_AT_A_TIME, stream -> peer.await(HEADERS, first + stream));
          }
        });
  }

  static boolean areIn(Span span) {
    return span.getName().contains("xxx") || span.getTraceId().equals(ByteString.fromHex(TRACE));
  }
}
