package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.END_HEADERS;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.HEADERS;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.headerBlock;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** As {@link StrangerIT}, on a service that sends traces to a collector. */
@EnabledIfSystemProperty(named = "greeter.image", matches = ".+")
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class StrangerTelemetryIT {

  private static final String NAME =
      "20 connections x 40 calls at a time of ever new methods with names of 7.7 KB";

  private static final int CONNECTIONS = 20;
  private static final int CALLS_AT_A_TIME = 40;
  private static final String LONG_NAME = "x".repeat(7_690);

  private static final String TRACE = "1".repeat(32);

  /** With the flag that the trace is sampled. */
  private static final String TRACE_PARENT = "00-" + TRACE + "-" + "2".repeat(16) + "-01";

  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void keepsNoNamesOfUnknownMethodsForASilentCollector() throws Exception {
    Siege.withstands(NAME + ", a silent collector", this::attack);
  }

  @Test
  void sendsNoSpansOfCallsWithoutTheSecret() throws Exception {
    try (var collector = new SpanCounter(StrangerTelemetryIT::isOfAnUnauthenticatedPeer)) {
      Siege.withstands(
          NAME + ", a collector", Map.of(Siege.TELEMETRY, collector.url()), this::attack);
      assertThat(collector.all()).as("spans of others").isPositive();
      assertThat(collector.suspicious()).isZero();
    }
  }

  private static boolean isOfAnUnauthenticatedPeer(Span span) {
    return span.getName().contains("xxx") || span.getTraceId().equals(ByteString.fromHex(TRACE));
  }

  private void attack(Strangers strangers) throws InterruptedException {
    strangers.keepAtIt(CONNECTIONS, Strangers.ONE_ADDRESS, this::call);
  }

  private void call(Stranger stranger) throws IOException {
    stranger.peer().shakeHands();
    for (int first = 1; ; first += 2 * CALLS_AT_A_TIME) {
      int end = first + 2 * CALLS_AT_A_TIME;
      var bytes = new ByteArrayOutputStream();
      for (int stream = first; stream < end; stream += 2) {
        String method = "s/%s%07d".formatted(LONG_NAME, calls.incrementAndGet());
        byte[] headers = headerBlock(method, "traceparent", TRACE_PARENT);
        bytes.writeBytes(frame(HEADERS, END_HEADERS | END_STREAM, stream, headers));
      }
      stranger.send(bytes.toByteArray());
      for (int stream = first; stream < end; stream += 2) {
        stranger.peer().await(HEADERS, stream);
      }
    }
  }
}
