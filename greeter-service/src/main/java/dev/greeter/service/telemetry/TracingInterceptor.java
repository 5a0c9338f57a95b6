package dev.greeter.service.telemetry;

import dev.greeter.guard.Client;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Starts a span for each call, as part of the caller's trace. It runs after authentication: gRPC's
 * own tracing (1.83) creates a span for every call, so anyone could choose its name and parent and
 * fill the exporter's queue. The names of unknown methods are omitted.
 */
final class TracingInterceptor implements ServerInterceptor {

  private static final TextMapGetter<Metadata> HEADERS =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Metadata headers) {
          return headers.keys();
        }

        @Override
        public @Nullable String get(@Nullable Metadata headers, String key) {
          return Objects.requireNonNull(headers)
              .get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
        }
      };

  private final Tracer tracer;
  private final TextMapPropagator propagator;

  TracingInterceptor(OpenTelemetry sdk) {
    this.tracer = sdk.getTracer("dev.greeter.service");
    this.propagator = sdk.getPropagators().getTextMapPropagator();
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Span span =
        tracer
            .spanBuilder(nameOf(call.getMethodDescriptor()))
            .setSpanKind(SpanKind.SERVER)
            .setParent(propagator.extract(Context.root(), headers, HEADERS))
            .startSpan();
    Client client = Client.KEY.get();
    if (client != null) {
      span.setAttribute(Telemetry.CLIENT, client.name());
    }
    if (call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress from
        && from.getAddress() != null) {
      span.setAttribute("client.address", from.getAddress().getHostAddress());
    }
    Context context = Context.root().with(span);
    var traced =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            // Omit the description, which may repeat the caller's input.
            span.setStatus(
                status.isOk() ? StatusCode.OK : StatusCode.ERROR, status.getCode().toString());
            super.close(status, trailers);
          }
        };
    ServerCall.Listener<ReqT> handler;
    try (var current = context.makeCurrent()) {
      handler = next.startCall(traced, headers);
    }
    return new SimpleForwardingServerCallListener<>(handler) {
      @Override
      public void onMessage(ReqT message) {
        context.wrap(() -> super.onMessage(message)).run();
      }

      @Override
      public void onHalfClose() {
        context.wrap(super::onHalfClose).run();
      }

      @Override
      public void onComplete() {
        span.end();
        super.onComplete();
      }

      @Override
      public void onCancel() {
        span.setStatus(StatusCode.ERROR, Status.Code.CANCELLED.toString()).end();
        super.onCancel();
      }
    };
  }

  private static String nameOf(MethodDescriptor<?, ?> method) {
    return method.getType() == MethodType.UNKNOWN
        ? "Recv._OTHER"
        : "Recv." + method.getFullMethodName().replace('/', '.');
  }
}
