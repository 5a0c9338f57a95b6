package dev.greeter.service.benchmark;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.service.RunningService;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A call, and a message of {@code Chat}, over one connection of the loopback interface, with 100 in
 * flight. Beside the time that passes it counts the CPU time of the server's event loops, on which
 * all of its work is done: the client is in the same process, and costs more than the server.
 */
@SuppressWarnings("NullAway.Init") // JMH calls start() first.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms512m", "-Xmx512m"})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class CallBenchmark {

  static final int CALLS = 1000;
  private static final int IN_FLIGHT = 100;
  private static final GreetingRequest ADA = GreetingRequest.newBuilder().setName("Ada").build();

  /** Whose call it is. */
  public enum ServerKind {
    /** Plain grpc-java on its event loops, without a check. */
    PLAIN,
    /** The same, and the shortest check that one can write. */
    PLAIN_CHECKED,
    /** This service. */
    SERVICE
  }

  /** CPU time of the server. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Server {

    /** Nanoseconds of all its event loops. */
    public long cpuNanos;

    /** Calls, or messages, that were answered meanwhile. */
    public long answers;
  }

  @Param ServerKind server = ServerKind.SERVICE;

  private AutoCloseable running;
  private ManagedChannel channel;
  private GreeterGrpc.GreeterStub right;
  private GreeterGrpc.GreeterStub wrong;
  private long[] eventLoops = {};

  /** Starts the server. */
  @Setup
  public void start() {
    int port;
    if (server == ServerKind.SERVICE) {
      var service = new RunningService(Map.of());
      running = service;
      port = service.port();
    } else {
      var plain = new PlainServer(server == ServerKind.PLAIN_CHECKED);
      running = plain;
      port = plain.port();
    }
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().directExecutor().build();
    right = stub("42");
    wrong = stub("43");
    greet(new Server());
    var threads = ManagementFactory.getThreadMXBean();
    eventLoops =
        LongStream.of(threads.getAllThreadIds())
            .filter(
                id -> threads.getThreadInfo(id).getThreadName().matches("(grpc|plain)-worker-.*"))
            .toArray();
    if (eventLoops.length == 0) {
      throw new IllegalStateException("The server has no event loops of the names expected");
    }
  }

  /** Stops it. */
  @TearDown
  public void stop() throws Exception {
    channel.shutdownNow();
    running.close();
  }

  /** A call that is let through. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void greet(Server counted) {
    calls(right, Code.OK, counted);
  }

  /** A call with the wrong secret. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void refused(Server counted) {
    calls(wrong, Code.UNAUTHENTICATED, counted);
  }

  /** A message of a {@code Chat}, and its answer. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void chat(Server counted) {
    long before = cpuNanos();
    var flight = new Flight(IN_FLIGHT);
    var messages = right.chat(flight.chat());
    for (int i = 0; i < CALLS; i++) {
      flight.takeOff();
      messages.onNext(ADA);
    }
    flight.awaitAll();
    messages.onCompleted();
    count(counted, before);
  }

  private void calls(GreeterGrpc.GreeterStub stub, Code expected, Server counted) {
    long before = cpuNanos();
    var flight = new Flight(IN_FLIGHT);
    var call = flight.call(expected);
    for (int i = 0; i < CALLS; i++) {
      flight.takeOff();
      stub.greet(ADA, call);
    }
    flight.awaitAll();
    count(counted, before);
  }

  private void count(Server counted, long before) {
    counted.cpuNanos += cpuNanos() - before;
    counted.answers += CALLS;
  }

  private long cpuNanos() {
    var threads = ManagementFactory.getThreadMXBean();
    return LongStream.of(eventLoops).map(threads::getThreadCpuTime).sum();
  }

  private GreeterGrpc.GreeterStub stub(String secret) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), secret);
    return GreeterGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}
