package dev.greeter.cli.call;

import com.google.common.collect.Iterables;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Printable;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Prints a call's headers, trailers and times when it ends. The secret is hidden. */
final class Trace implements ClientInterceptor {

  private static final String HIDDEN = "<hidden>";

  private final Output output;
  private final String secretHeader;

  /**
   * Creates the interceptor.
   *
   * @param output the output to print to
   * @param secretHeader the header whose value is hidden
   */
  Trace(Output output, String secretHeader) {
    this.output = output;
    this.secretHeader = secretHeader.toLowerCase(Locale.ROOT);
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<RespT> listener, Metadata headers) {
        long start = System.nanoTime();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("call", method.getFullMethodName());
        fields.put("authority", String.valueOf(next.authority()));
        Map<String, Object> sent = read(headers);
        if (options.getCredentials() != null) {
          sent.put(secretHeader, HIDDEN); // It is added later.
        }
        fields.put("request", sent);
        super.start(
            new SimpleForwardingClientCallListener<>(listener) {
              @Override
              public void onHeaders(Metadata received) {
                fields.put("headersAfterMillis", millisSince(start));
                fields.put("headers", read(received));
                super.onHeaders(received);
              }

              @Override
              public void onClose(Status status, Metadata trailers) {
                fields.put("status", status.getCode().name());
                fields.put("afterMillis", millisSince(start));
                Status end = status;
                try {
                  fields.put("trailers", read(trailers));
                  fields.putAll(StatusDetails.fields(status.asException(trailers)));
                  output.note(text(fields), Map.of("trace", fields));
                } catch (RuntimeException e) {
                  // gRPC would only log it, and the caller would wait forever.
                  end = Status.fromThrowable(e);
                }
                super.onClose(end, trailers);
              }
            },
            headers);
      }
    };
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 100_000 / 10.0;
  }

  private Map<String, Object> read(Metadata metadata) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String name : metadata.keys()) {
      values.put(name, name.equals(secretHeader) ? HIDDEN : values(name, metadata));
    }
    return values;
  }

  private static String values(String name, Metadata metadata) {
    try {
      if (!name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        var key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        return String.join(", ", Objects.requireNonNull(metadata.getAll(key)));
      }
      var key = Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER);
      Iterable<byte[]> all = Objects.requireNonNull(metadata.getAll(key));
      return String.join(", ", Iterables.transform(all, bytes -> bytes.length + " bytes"));
    } catch (IllegalArgumentException e) {
      // gRPC rejects some names, such as :status from a proxy that does not use gRPC.
      return "<unreadable>";
    }
  }

  /** Returns a line for each field and for each header. */
  private static String text(Map<String, Object> fields) {
    return fields.entrySet().stream()
        .flatMap(
            field ->
                field.getValue() instanceof Map<?, ?> headers
                    ? headers.entrySet().stream()
                        .map(h -> field.getKey() + " " + h.getKey() + ": " + h.getValue())
                    : List.of(field.getKey() + ": " + field.getValue()).stream())
        .map(line -> "* " + Printable.of(line))
        .collect(Collectors.joining("\n"));
  }
}
