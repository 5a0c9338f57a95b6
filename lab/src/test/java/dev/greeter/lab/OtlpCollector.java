package dev.greeter.lab;

import dev.greeter.guard.fixture.FreePort;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc.MetricsServiceImplBase;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc.TraceServiceImplBase;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A metrics and trace collector that only counts, and that can stop and restart. */
public final class OtlpCollector extends TraceServiceImplBase implements AutoCloseable {

  private static final int MAX_EXPORT = 64 << 20;

  private final int port = FreePort.find();
  private final AtomicInteger exports = new AtomicInteger();
  private final AtomicInteger spans = new AtomicInteger();
  private final AtomicInteger suspicious = new AtomicInteger();
  private final Predicate<Span> isSuspicious;
  private Server server;

  /**
   * Starts the collector.
   *
   * @param isSuspicious selects the spans to count separately
   */
  public OtlpCollector(Predicate<Span> isSuspicious) throws IOException {
    this.isSuspicious = isSuspicious;
    server = start();
  }

  private Server start() throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .maxInboundMessageSize(MAX_EXPORT)
        .addService(this)
        .addService(
            new MetricsServiceImplBase() {
              @Override
              public void export(
                  ExportMetricsServiceRequest metrics,
                  StreamObserver<ExportMetricsServiceResponse> response) {
                answer(response, ExportMetricsServiceResponse.getDefaultInstance());
              }
            })
        .build()
        .start();
  }

  @Override
  public void export(
      ExportTraceServiceRequest traces, StreamObserver<ExportTraceServiceResponse> response) {
    traces.getResourceSpansList().stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .forEach(span -> (isSuspicious.test(span) ? suspicious : spans).incrementAndGet());
    answer(response, ExportTraceServiceResponse.getDefaultInstance());
  }

  private <R> void answer(StreamObserver<R> response, R answer) {
    exports.incrementAndGet();
    response.onNext(answer);
    response.onCompleted();
  }

  /** Returns the address for the service's setting. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns the number of received exports of metrics and traces. */
  public int exports() {
    return exports.get();
  }

  /** Returns the number of received spans that are not suspicious. */
  public int spans() {
    return spans.get();
  }

  /** Returns the number of received suspicious spans. */
  public int suspicious() {
    return suspicious.get();
  }

  /** Listens again after {@link #close()}. */
  public void comeBack() throws IOException {
    server = start();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
