package dev.greeter.service.soak;

import dev.greeter.guard.fixture.FreePort;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** A collector of metrics and traces that keeps nothing, and that can go away and come back. */
final class Collector implements AutoCloseable {

  private final int port = FreePort.find();
  private final AtomicInteger received = new AtomicInteger();
  private Server server;

  Collector() throws IOException {
    server = start();
  }

  private Server start() throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .addService(
            new TraceServiceGrpc.TraceServiceImplBase() {
              @Override
              public void export(
                  ExportTraceServiceRequest traces,
                  StreamObserver<ExportTraceServiceResponse> response) {
                answer(response, ExportTraceServiceResponse.getDefaultInstance());
              }
            })
        .addService(
            new MetricsServiceGrpc.MetricsServiceImplBase() {
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

  private <R> void answer(StreamObserver<R> response, R thanks) {
    received.incrementAndGet();
    response.onNext(thanks);
    response.onCompleted();
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns how often something was sent to it. */
  int received() {
    return received.get();
  }

  void comeBack() throws IOException {
    server = start();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
