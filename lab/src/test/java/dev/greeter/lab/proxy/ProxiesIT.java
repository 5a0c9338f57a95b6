package dev.greeter.lab.proxy;

import static java.util.concurrent.CompletableFuture.supplyAsync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.lab.ServiceContainer;
import dev.greeter.lab.proxy.Front.Kind;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls through proxies with the documented configurations. The proxies connect from one address of
 * this machine, clients from others. Calls are not retried.
 */
class ProxiesIT {

  private static final GreetingRequest ADA = GreetingRequest.newBuilder().setName("Ada").build();
  private static final Executor THREADS = command -> new Thread(command).start();
  private static final String ADDRESS = "127.0.0.11";
  private static final String OTHER_ADDRESS = "127.0.0.12";

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void answersManyClientsAtOnce(Kind kind) throws Exception {
    Front front = front(kind, service(kind, Map.of()));
    // Real clients have their own JVMs. This new one would need longer for all their first calls
    // than the service waits for one.
    for (int i = 0; i < 250; i++) {
      assertThat(greet(channel(front, ADDRESS), "42").code()).isEqualTo(Code.OK);
      open.remove(0).close();
    }
    List<TestCall<?, ?>> calls = new ArrayList<>();
    var channels = new ArrayList<ManagedChannel>();
    for (int i = 0; i < 250; i++) {
      channels.add(channel(front, ADDRESS));
    }
    channels.forEach(channel -> calls.add(greet(channel, "42")));
    assertThat(ends(calls)).as("%s", kind).isEqualTo(Map.of(Code.OK, 250));
  }

  @ParameterizedTest
  @EnumSource
  void blocksOnlyGuessingClient(Kind kind) throws Exception {
    Front front =
        front(
            kind,
            service(kind, Map.of("GREETER_RATE_LIMIT_FAILED_AUTHENTICATIONS_PER_MINUTE", "10")));
    ManagedChannel guesser = channel(front, ADDRESS);
    for (int i = 0; i < 10; i++) {
      assertThat(greet(guesser, "wrong").code()).isEqualTo(Code.UNAUTHENTICATED);
    }
    assertThat(greet(guesser, "42").code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(greet(channel(front, OTHER_ADDRESS), "42").code()).isEqualTo(Code.OK);
  }

  @Test
  void answersOthersDespiteClientWithManyStreams() throws Exception {
    ServiceContainer service = service(Kind.NGINX, Map.of());
    Front front = front(Kind.NGINX, service);
    List<TestCall<GreetingRequest, ?>> chats = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ManagedChannel channel = channel(front, ADDRESS);
      for (int j = 0; j < 80; j++) {
        chats.add(call(channel, GreeterGrpc.getChatMethod(), "42"));
      }
    }
    chats.forEach(chat -> chat.send(ADA));
    for (int i = 0; i < 300 && chats.stream().anyMatch(chat -> chat.messages().isEmpty()); i++) {
      Thread.sleep(100);
    }
    assertThat(chats).allMatch(chat -> chat.messages().size() == 1);

    ManagedChannel other = channel(front, OTHER_ADDRESS);
    assertThat(greet(other, "42").code()).isEqualTo(Code.OK);
    assertThat(health(other).code()).isEqualTo(Code.OK);
    ManagedChannel probe = service.channel();
    open.add(0, probe::shutdownNow);
    assertThat(health(probe).code()).as("a probe").isEqualTo(Code.OK);
    chats.forEach(chat -> chat.send(ADA).halfClose());
    assertThat(ends(chats)).isEqualTo(Map.of(Code.OK, 320));
  }

  @ParameterizedTest
  @EnumSource(names = {"HAPROXY_TCP", "HAPROXY_HTTP2"})
  void losesNoCallsWhenReplicaStops(Kind kind) throws Exception {
    String delay = System.getProperty("greeter.drain-delay", "5s");
    var variables = Map.of("GREETER_SERVER_DRAIN_DELAY", delay);
    ServiceContainer stopped = service(kind, variables);
    Front front = front(kind, stopped, service(kind, variables));
    var load = new ArrayList<CompletableFuture<Map<Code, Integer>>>();
    var stop = new CompletableFuture<Void>();
    for (int i = 0; i < 10; i++) {
      ManagedChannel kept = channel(front, ADDRESS);
      load.add(supplyAsync(() -> greetUntil(stop, () -> greet(kept, "42").code()), THREADS));
      load.add(supplyAsync(() -> greetUntil(stop, () -> greetAnew(front)), THREADS));
    }
    Thread.sleep(1000);
    stopped.command("stop", "--time", "15");
    Thread.sleep(3000);
    stop.complete(null);
    var ends = new TreeMap<Code, Integer>();
    load.forEach(
        each -> each.join().forEach((code, calls) -> ends.merge(code, calls, Integer::sum)));
    System.out.printf("| %s | %s | %s |%n", kind, delay, ends);
    assertThat(ends).containsOnlyKeys(Code.OK);
  }

  private ServiceContainer service(Kind kind, Map<String, String> variables) throws Exception {
    var all = new HashMap<>(variables);
    if (kind != Kind.DIRECT) {
      all.put("GREETER_SERVER_TRUSTED_PROXIES", Front.PROXY);
      all.put("GREETER_SERVER_PROXY_PROTOCOL", Boolean.toString(kind == Kind.HAPROXY_TCP));
    }
    var service = new ServiceContainer(all, List.of(), "");
    open.add(service);
    service.awaitStart();
    return service;
  }

  private Front front(Kind kind, ServiceContainer... replicas) throws Exception {
    Front front = Front.start(kind, replicas);
    open.add(0, front);
    return front;
  }

  private ManagedChannel channel(Front front, String address) {
    ManagedChannel channel = front.channelFrom(address);
    open.add(0, channel::shutdownNow);
    return channel;
  }

  private static TestCall<?, ?> greet(ManagedChannel channel, String secret) {
    return call(channel, GreeterGrpc.getGreetMethod(), secret).send(ADA).halfClose();
  }

  private static TestCall<?, ?> health(ManagedChannel channel) {
    return call(channel, HealthGrpc.getCheckMethod(), "")
        .send(HealthCheckRequest.getDefaultInstance())
        .halfClose();
  }

  private static <Q, R> TestCall<Q, R> call(
      ManagedChannel channel, MethodDescriptor<Q, R> method, String secret) {
    var options = CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS);
    return TestCall.open(channel, method, options, TestCall.headers("authorization", secret))
        .take(100);
  }

  private static Code greetAnew(Front front) {
    ManagedChannel channel = front.channelFrom(OTHER_ADDRESS);
    try {
      return greet(channel, "42").code();
    } finally {
      channel.shutdownNow();
    }
  }

  private static Map<Code, Integer> greetUntil(CompletableFuture<?> stop, Supplier<Code> greet) {
    var ends = new TreeMap<Code, Integer>();
    while (!stop.isDone()) {
      ends.merge(greet.get(), 1, Integer::sum);
    }
    return ends;
  }

  private static Map<Code, Integer> ends(List<? extends TestCall<?, ?>> calls) {
    var ends = new TreeMap<Code, Integer>();
    calls.forEach(call -> ends.merge(call.code(), 1, Integer::sum));
    return ends;
  }
}
