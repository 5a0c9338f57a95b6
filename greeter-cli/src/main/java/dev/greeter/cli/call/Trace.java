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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Tells on standard error what goes ({@code >}) and comes ({@code <}) beside the messages of a
 * call, with the time since its start. The secret is hidden.
 */
final class Trace implements ClientInterceptor {

  private final Output output;
  private final String secretHeader;

  /**
   * Creates it.
   *
   * @param output where to tell
   * @param secretHeader the header whose value is not shown
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
        tell("> " + method.getFullMethodName() + " at " + next.authority());
        tell("> ", headers);
        super.start(
            new SimpleForwardingClientCallListener<>(listener) {
              @Override
              public void onHeaders(Metadata headers) {
                tell("< headers after " + since(start));
                tell("< ", headers);
                super.onHeaders(headers);
              }

              @Override
              public void onClose(Status status, Metadata trailers) {
                Status end = status;
                try {
                  tell("< " + status.getCode() + " after " + since(start));
                  tell("< ", trailers);
                  StatusDetails.of(status.asException(trailers))
                      .forEach(detail -> tell("< detail: " + StatusDetails.json(detail)));
                } catch (RuntimeException e) {
                  // gRPC would log it and do nothing else: the caller would wait forever.
                  end = Status.fromThrowable(e);
                }
                super.onClose(end, trailers);
              }
            },
            headers);
      }
    };
  }

  private static String since(long start) {
    return String.format(Locale.ROOT, "%.1f ms", (System.nanoTime() - start) / 1e6);
  }

  private void tell(String direction, Metadata metadata) {
    for (String name : metadata.keys()) {
      for (String value : values(name, metadata)) {
        tell(direction + name + ": " + (name.equals(secretHeader) ? "<hidden>" : value));
      }
    }
  }

  private static Iterable<String> values(String name, Metadata metadata) {
    try {
      if (!name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        var key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        return Objects.requireNonNull(metadata.getAll(key));
      }
      var key = Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER);
      return Iterables.transform(
          Objects.requireNonNull(metadata.getAll(key)), bytes -> bytes.length + " bytes");
    } catch (IllegalArgumentException e) {
      // Names arrive that gRPC has no key for, such as :status from a proxy that is not gRPC.
      return List.of("<unreadable>");
    }
  }

  private void tell(String line) {
    String printable = Printable.of(line);
    output.note(printable, Map.of("trace", printable));
  }
}
