package dev.greeter.service.benchmark;

import dev.greeter.guard.auth.AuthenticationServerInterceptor;
import dev.greeter.guard.auth.GuardEvents;
import dev.greeter.guard.auth.Secrets;
import io.grpc.Attributes;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The check of the secret alone, on headers as they come from the network. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CheckBenchmark {

  private final AuthenticationServerInterceptor check =
      new AuthenticationServerInterceptor(
          "authorization", Secrets.of("0123456789abcdef0123456789abcdef", null), GuardEvents.NONE);
  private final Metadata right = headers("0123456789abcdef0123456789abcdef");
  private final Metadata wrong = headers("0123456789abcdef0123456789abcdeF");
  private final ServerCall<byte[], byte[]> call = new NoCall();
  private final ServerCall.Listener<byte[]> listener = new ServerCall.Listener<>() {};
  private final ServerCallHandler<byte[], byte[]> next = (started, headers) -> listener;

  /** A call that is let through. */
  @Benchmark
  public Object accepted() {
    return check.interceptCall(call, right, next);
  }

  /** A call that is refused, without what gRPC does to send the answer. */
  @Benchmark
  public Object refused() {
    return check.interceptCall(call, wrong, next);
  }

  private static Metadata headers(String secret) {
    return InternalMetadata.newMetadata(
        ascii("content-type"),
        ascii("application/grpc"),
        ascii("te"),
        ascii("trailers"),
        ascii("user-agent"),
        ascii("grpc-java-netty/1.83.1"),
        ascii("authorization"),
        ascii(secret),
        ascii("grpc-accept-encoding"),
        ascii("gzip"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static final class NoCall extends ServerCall<byte[], byte[]> {

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(byte[] message) {}

    @Override
    public void close(Status status, Metadata trailers) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }

    @Override
    public MethodDescriptor<byte[], byte[]> getMethodDescriptor() {
      throw new UnsupportedOperationException();
    }
  }
}
