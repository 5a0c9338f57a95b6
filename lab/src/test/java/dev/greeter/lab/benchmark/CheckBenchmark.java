package dev.greeter.lab.benchmark;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.guard.Guard;
import dev.greeter.guard.Peer;
import dev.greeter.guard.Secrets;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The authentication alone, on headers as received from the network: of the only secret, or of the
 * last client's.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CheckBenchmark {

  private static final String SECRET = "0123456789abcdef0123456789abcdef0123456789ab";

  // Created for each call, since the check removes the secret.
  private final byte[][] right = headers(SECRET);
  private final byte[][] wrong = headers(SECRET.toUpperCase(Locale.ROOT));

  /** The number of named secrets; with 0, there is one unnamed secret. */
  @Param({"0", "10000"})
  public int clients;

  private final NoCall call = new NoCall(Attributes.EMPTY);
  private final NoCall callOfConnection =
      new NoCall(Attributes.newBuilder().set(Peer.KEY, new Peer(null) {}).build());
  private final ServerCall.Listener<GreetingRequest> listener = new ServerCall.Listener<>() {};
  private final ServerCallHandler<GreetingRequest, GreetingResponse> next =
      (started, headers) -> listener;
  private ServerInterceptor check = check(Secrets.of(SECRET));

  /** Creates the named secrets. */
  @Setup
  public void name() throws IOException {
    if (clients > 0) {
      Path file = Files.createTempFile("clients", "");
      Files.write(
          file,
          (Iterable<String>)
              IntStream.range(0, clients)
                      .mapToObj(i -> "client-%d %s%s".formatted(i, SECRET, i > 0 ? i : ""))
                  ::iterator);
      check = check(Secrets.ofClientsInFile(file.toString()));
    }
  }

  private static ServerInterceptor check(Secrets secrets) {
    return Guard.builder(secrets).build().check();
  }

  /** An accepted call after others on its connection. */
  @Benchmark
  public Object accepted() {
    return check.interceptCall(callOfConnection, InternalMetadata.newMetadata(right.clone()), next);
  }

  /** The first accepted call of a connection. */
  @Benchmark
  public Object acceptedFirst() {
    return check.interceptCall(call, InternalMetadata.newMetadata(right.clone()), next);
  }

  /** A rejected call, without gRPC's work to send the answer. */
  @Benchmark
  public Object refused() {
    return check.interceptCall(call, InternalMetadata.newMetadata(wrong.clone()), next);
  }

  private static byte[][] headers(String secret) {
    return Stream.of(
            "content-type", "application/grpc",
            "te", "trailers",
            "user-agent", "grpc-java-netty/1.85.1",
            "authorization", secret,
            "grpc-accept-encoding", "gzip")
        .map(text -> text.getBytes(StandardCharsets.US_ASCII))
        .toArray(byte[][]::new);
  }

  /** The minimal call that the check needs. */
  private static final class NoCall
      extends SimpleForwardingServerCall<GreetingRequest, GreetingResponse> {

    private final Attributes attributes;

    NoCall(Attributes attributes) {
      super(null);
      this.attributes = attributes;
    }

    @Override
    public Attributes getAttributes() {
      return attributes;
    }

    @Override
    public void close(Status status, Metadata trailers) {}

    @Override
    public MethodDescriptor<GreetingRequest, GreetingResponse> getMethodDescriptor() {
      return GreeterGrpc.getGreetMethod();
    }
  }
}
