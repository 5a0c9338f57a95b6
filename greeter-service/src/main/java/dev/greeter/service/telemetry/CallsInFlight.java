package dev.greeter.service.telemetry;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the calls that have begun and not ended, which gRPC's own metrics leave out (gRFC A66).
 */
final class CallsInFlight extends ServerStreamTracer.Factory {

  private final LongAdder calls = new LongAdder();

  long get() {
    return calls.sum();
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    calls.increment();
    return new ServerStreamTracer() {
      @Override
      public void streamClosed(Status status) {
        calls.decrement();
      }
    };
  }
}
