package dev.greeter.service.attack;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc.TraceServiceImplBase;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A collector of traces on the loopback interface that counts spans, and keeps none. */
final class SpanCounter extends TraceServiceImplBase implements AutoCloseable {

  private static final int MAX_EXPORT = 64 << 20;

  private final AtomicInteger all = new AtomicInteger();
  private final AtomicInteger suspicious = new AtomicInteger();
  private final Predicate<Span> isSuspicious;
  private final Server server;

  SpanCounter(Predicate<Span> isSuspicious) throws IOException {
    this.isSuspicious = isSuspicious;
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .maxInboundMessageSize(MAX_EXPORT)
            .addService(this)
            .build()
            .start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getPort();
  }

  int all() {
    return all.get();
  }

  int suspicious() {
    return suspicious.get();
  }

  @Override
  public void export(
      ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> response) {
    for (var resource : request.getResourceSpansList()) {
      for (var scope : resource.getScopeSpansList()) {
        all.addAndGet(scope.getSpansCount());
        suspicious.addAndGet((int) scope.getSpansList().stream().filter(isSuspicious).count());
      }
    }
    response.onNext(ExportTraceServiceResponse.getDefaultInstance());
    response.onCompleted();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
