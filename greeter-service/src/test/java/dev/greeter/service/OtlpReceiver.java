package dev.greeter.service;

import com.google.common.collect.Iterables;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A metrics and trace collector on the loopback interface that keeps everything it receives. */
final class OtlpReceiver implements AutoCloseable {

  private final Queue<ExportTraceServiceRequest> traces = new ConcurrentLinkedQueue<>();
  private final Queue<ExportMetricsServiceRequest> metrics = new ConcurrentLinkedQueue<>();
  private final Server server;

  /** Starts the collector. */
  public OtlpReceiver() {
    try {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .addService(traceService())
              .addService(metricsService())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the environment variables that make a program send to it quickly. */
  public Map<String, String> variables() {
    return Map.of(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + server.getPort(),
        "OTEL_BSP_SCHEDULE_DELAY", "50",
        "OTEL_METRIC_EXPORT_INTERVAL", "100");
  }

  /** Returns the spans so far. */
  public List<Span> spans() {
    return traces.stream()
        .flatMap(request -> request.getResourceSpansList().stream())
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  /** Returns the names of all metrics so far. */
  public Set<String> names() {
    return allMetrics().map(Metric::getName).collect(Collectors.toSet());
  }

  /**
   * Returns the latest value of a sum or gauge, or the count of a histogram.
   *
   * @return the values by attribute values, which are separated by a blank
   */
  public Map<String, Long> counts(String name) {
    Metric metric =
        allMetrics()
            .filter(each -> each.getName().equals(name))
            .reduce((earlier, later) -> later)
            .orElseGet(Metric::getDefaultInstance);
    Map<String, Long> counts = new HashMap<>();
    var numbers =
        Iterables.concat(
            metric.getSum().getDataPointsList(), metric.getGauge().getDataPointsList());
    for (NumberDataPoint point : numbers) {
      counts.put(values(point.getAttributesList()), point.getAsInt());
    }
    for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
      counts.put(values(point.getAttributesList()), point.getCount());
    }
    return counts;
  }

  /** Returns everything received, as text. */
  public String everything() {
    return traces + "\n" + metrics;
  }

  /** Returns the attributes' values, separated by a blank. */
  static String values(List<KeyValue> attributes) {
    return attributes.stream()
        .map(attribute -> attribute.getValue().getStringValue())
        .collect(Collectors.joining(" "));
  }

  private Stream<Metric> allMetrics() {
    return metrics.stream()
        .flatMap(request -> request.getResourceMetricsList().stream())
        .flatMap(resource -> resource.getScopeMetricsList().stream())
        .flatMap(scope -> scope.getMetricsList().stream());
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private BindableService traceService() {
    return new TraceServiceGrpc.TraceServiceImplBase() {
      @Override
      public void export(
          ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> response) {
        traces.add(request);
        response.onNext(ExportTraceServiceResponse.getDefaultInstance());
        response.onCompleted();
      }
    };
  }

  private BindableService metricsService() {
    return new MetricsServiceGrpc.MetricsServiceImplBase() {
      @Override
      public void export(
          ExportMetricsServiceRequest request,
          StreamObserver<ExportMetricsServiceResponse> response) {
        metrics.add(request);
        response.onNext(ExportMetricsServiceResponse.getDefaultInstance());
        response.onCompleted();
      }
    };
  }
}
