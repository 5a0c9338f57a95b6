package dev.greeter.cli.process;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A trace collector on the loopback interface that keeps everything it receives. */
final class TraceReceiver extends TraceServiceGrpc.TraceServiceImplBase implements AutoCloseable {

  private final Queue<ExportTraceServiceRequest> requests = new ConcurrentLinkedQueue<>();
  private final Server server;

  /** Starts the collector. */
  TraceReceiver() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(this)
            .addService(new MetricsServiceGrpc.MetricsServiceImplBase() {})
            .build()
            .start();
  }

  @Override
  public void export(
      ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> response) {
    requests.add(request);
    response.onNext(ExportTraceServiceResponse.getDefaultInstance());
    response.onCompleted();
  }

  /** Returns the environment variables that make a program send to it. */
  Map<String, String> variables() {
    return Map.of(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://127.0.0.1:" + server.getPort(),
        "OTEL_BSP_SCHEDULE_DELAY",
        "50");
  }

  /** Returns the received spans with their programs. */
  List<ResourceSpans> spans() {
    return requests.stream().flatMap(r -> r.getResourceSpansList().stream()).toList();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
