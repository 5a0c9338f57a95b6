package dev.greeter.service.attack;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A well-behaved client: asks for one greeting after the other, until it is closed. */
final class Greetings implements AutoCloseable {

  private static final long DEADLINE_SECONDS = 20;
  private static final ClientInterceptor WITH_SECRET = withSecret();
  private static final GreetingRequest ADA = GreetingRequest.newBuilder().setName("Ada").build();

  private final ManagedChannel channel;
  private final AtomicInteger greetings = new AtomicInteger();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::greet, "greetings");
  private volatile boolean stopped;

  /** Begins to ask, and waits for the first answers. */
  Greetings(int port) {
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    thread.start();
    awaitMore();
  }

  /** Waits for answers to requests that have yet to be sent, and checks that none ever failed. */
  void awaitMore() {
    int before = greetings.get();
    Awaitility.await()
        .atMost(60, SECONDS)
        .until(() -> greetings.get() > before + 5 || !failures.isEmpty());
    assertThat(failures).as("the well-behaved client's failures").isEmpty();
  }

  private void greet() {
    while (!stopped) {
      try {
        greet(channel, DEADLINE_SECONDS);
        greetings.incrementAndGet();
        Thread.sleep(5);
      } catch (StatusRuntimeException | IllegalStateException | InterruptedException e) {
        failures.add(e.toString());
      }
    }
  }

  /**
   * Gets one greeting.
   *
   * @throws StatusRuntimeException if it does not come in time
   * @throws IllegalStateException if it is another
   */
  static void greet(ManagedChannel channel, long deadlineSeconds) {
    String greeting =
        GreeterGrpc.newBlockingStub(ClientInterceptors.intercept(channel, WITH_SECRET))
            .withDeadlineAfter(deadlineSeconds, SECONDS)
            .greet(ADA)
            .getGreeting();
    if (!greeting.equals("Hello Ada!")) {
      throw new IllegalStateException(greeting);
    }
  }

  private static ClientInterceptor withSecret() {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "42");
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    thread.join(SECONDS.toMillis(2 * DEADLINE_SECONDS));
    channel.shutdownNow().awaitTermination(DEADLINE_SECONDS, SECONDS);
  }
}
