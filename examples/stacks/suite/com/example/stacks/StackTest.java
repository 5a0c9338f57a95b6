package com.example.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.StringValue;
import dev.greeter.guard.Guard;
import dev.greeter.guard.SecretCredentials;
import dev.greeter.guard.Secrets;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the guard on every stack; the test of a stack overrides what it lacks. */
@Timeout(120)
public abstract class StackTest {

  protected static final Code DENIED = Code.UNAUTHENTICATED;

  private static final String SECRET = "the secret of these tests, which is long";
  private static final String ANOTHER = "another secret, which is as long as that";
  private static final Duration IDLE = Duration.ofSeconds(2);
  private static final int CONNECTS = 2_000;

  /** The time limit of a shutdown. */
  protected static final Duration GRACE = Duration.ofSeconds(20);

  @TempDir private Path directory;
  protected ManagedChannel withoutSecret;
  protected Channel client;
  private LogLines log;

  /**
   * Starts a server with {@link TalkService} and health on a free port of the loopback interface.
   */
  protected abstract void start(Guard guard) throws Exception;

  /** Stops it and closes the guard, as users of the stack would, possibly again. */
  protected abstract void stop() throws Exception;

  protected abstract int port();

  protected ManagedChannel channel() {
    return Grpc.newChannelBuilderForAddress(
            "127.0.0.1", port(), InsecureChannelCredentials.create())
        .build();
  }

  /** Returns the suffix of the class names with one object per connection. */
  protected String transport() {
    return ".NettyServerTransport";
  }

  /** Returns how often to start it to detect threads that remain. */
  protected int starts() {
    return 50;
  }

  /** Returns whether calls arrive as bytes and from addresses. */
  protected boolean hasConnections() {
    return true;
  }

  @BeforeEach
  void begin() throws Exception {
    begin(guard().build());
  }

  private void begin(Guard guard) throws Exception {
    start(guard);
    withoutSecret = channel();
    client = with(SECRET);
    log = LogLines.collect();
  }

  @AfterEach
  void end() throws Exception {
    withoutSecret.shutdownNow();
    long start = System.nanoTime();
    stop();
    assertTrue(System.nanoTime() - start < GRACE.toNanos(), "It has ended by itself");
  }

  private void restart(Guard guard) throws Exception {
    end();
    begin(guard);
  }

  private static Guard.Builder guard() {
    return Guard.builder(Secrets.of(SECRET)).callIdle(IDLE);
  }

  @Test
  void rejectsMissingAndWrongSecrets() {
    for (Channel caller : List.of(withoutSecret, with(ANOTHER))) {
      Status status = failure(() -> say(caller, "hello")).getStatus();
      assertEquals(DENIED, status.getCode());
      assertEquals("Access denied!", status.getDescription());
    }
    await(() -> log.from(Level.INFO).size() == 2);
    for (String line : log.from(Level.INFO)) {
      assertTrue(line.contains("rpc.response.status_code=UNAUTHENTICATED"), line);
      assertTrue(line.contains("rpc.method=stacks.v1.Talk/Say"), line);
      assertEquals(hasConnections(), line.contains("network.peer.address=127.0.0.1"), line);
    }
  }

  @Test
  void servesAuthenticatedCallsAndOpenHealthChecks() {
    assertEquals("hello", say(client, "hello"));
    var health = HealthGrpc.newBlockingStub(withoutSecret);
    assertEquals(
        ServingStatus.SERVING, health.check(HealthCheckRequest.getDefaultInstance()).getStatus());
    assertEquals(List.of(), log.from(Level.INFO));
  }

  @Test
  void servesBidiStreams() throws Exception {
    var heard = new Heard();
    var talk = talk(heard);
    for (String word : List.of("one", "two", "three")) {
      talk.onNext(StringValue.of(word));
      assertEquals(word, heard.next());
    }
    talk.onCompleted();
    assertEquals("OK", heard.next());
  }

  @Test
  void keepsServerPushStreamsOpen() throws Exception {
    var heard = new Heard();
    talk(heard).onNext(StringValue.of("push"));
    for (int i = 0; i < TalkService.pushed(); i++) {
      assertEquals("push", heard.next());
    }
    assertEquals("OK", heard.next());
  }

  @Test
  void endsIdleStreams() throws Exception {
    var heard = new Heard();
    talk(heard);
    assertEquals("ABORTED", heard.next());
  }

  @Test
  void endsOpenStreamsOfRevokedSecret() throws Exception {
    Path file = Files.writeString(directory.resolve("secret"), SECRET);
    restart(Guard.builder(Secrets.inFile("the file", file.toString())).build());
    var heard = new Heard();
    talk(heard).onNext(StringValue.of("hello"));
    assertEquals("hello", heard.next());
    Files.writeString(file, ANOTHER);
    assertEquals("UNAUTHENTICATED", heard.next());
  }

  @Test
  void endsOpenStreamsOnShutdown() throws Exception {
    restart(Guard.builder(Secrets.of(SECRET)).build());
    var heard = new Heard();
    talk(heard).onNext(StringValue.of("hello"));
    assertEquals("hello", heard.next());
    stop();
    assertEquals("UNAVAILABLE", heard.next());
  }

  @Test
  void propagatesHandlerStatusAndTrailers() {
    StatusRuntimeException failure = failure(() -> say(client, "status"));
    assertEquals(Code.DATA_LOSS, failure.getStatus().getCode());
    assertEquals("half of it is gone", failure.getStatus().getDescription());
    assertEquals("kept", failure.getTrailers().get(TalkService.TRAILER));
    assertEquals(Code.NOT_FOUND, failure(() -> say(client, "thrown status")).getStatus().getCode());
    assertEquals(List.of(), log.from(Level.WARN));
  }

  @Test
  void hidesHandlerExceptions() {
    Status status = failure(() -> say(client, "exception")).getStatus();
    assertEquals(Code.INTERNAL, status.getCode());
    assertEquals("Internal error", status.getDescription());
    List<String> lines = log.from(Level.WARN);
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.get(0).endsWith("IllegalArgumentException"), lines::toString);
  }

  @Test
  protected void handlesUnknownMethods() {
    assertEquals(DENIED, codeOf(withoutSecret, TalkService.NAME + "/Sing"));
    assertEquals(DENIED, codeOf(withoutSecret, "no.Such/Thing"));
    assertEquals(Code.UNIMPLEMENTED, codeOf(client, TalkService.NAME + "/Sing"));
    assertEquals(Code.UNIMPLEMENTED, codeOf(client, "no.Such/Thing"));
    assertEquals(List.of(), log.from(Level.WARN));
  }

  @Test
  void doesNotLogInvalidHealthChecks() {
    var health = HealthGrpc.newBlockingStub(withoutSecret);
    var large = HealthCheckRequest.newBuilder().setService("x".repeat(20_000)).build();
    for (int i = 0; i < 5; i++) {
      Code code = codeOf(withoutSecret, "grpc.health.v1.Health/Check");
      assertTrue(code == Code.UNKNOWN || code == Code.INTERNAL, code::name);
      Status status = failure(() -> health.check(large)).getStatus();
      assertEquals(hasConnections(), status.getCode() != Code.NOT_FOUND);
    }
    assertEquals(List.of(), log.from(Level.INFO));
  }

  @Test
  void releasesCallsClosedOnStart() throws Exception {
    Guard guard = guard().maxCalls(2, 2).build();
    restart(guard);
    for (int i = 0; i < 5; i++) {
      assertEquals(
          Code.NOT_FOUND, failure(() -> call(client, TalkService.LEAVE, "")).getStatus().getCode());
      await(() -> guard.openCalls() == 0);
    }
  }

  @Test
  void limitsCallRatePerAddress() throws Exception {
    restart(guard().callsPerSecond(1).burst(1).build());
    // The bucket may have been refilled in between, but not that often.
    long refused =
        IntStream.range(0, 20)
            .filter(i -> codeOf(client, TalkService.NAME + "/Say") == Code.RESOURCE_EXHAUSTED)
            .count();
    assertEquals(hasConnections(), refused > 0);
  }

  @Test
  void throttlesSecretGuessing() throws Exception {
    restart(guard().failedAuthenticationsPerMinute(3).build());
    for (int i = 0; i < 3; i++) {
      assertEquals(DENIED, failure(() -> say(with(ANOTHER), "hello")).getStatus().getCode());
    }
    if (hasConnections()) {
      Status status = failure(() -> say(client, "hello")).getStatus();
      assertEquals(Code.RESOURCE_EXHAUSTED, status.getCode());
    } else {
      assertEquals("hello", say(client, "hello"));
    }
  }

  @Test
  void releasesConnectionsWithoutCalls() throws Exception {
    assumeTrue(hasConnections());
    say(client, "hello");
    for (int i = 0; i < CONNECTS; i++) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
        if (i % 4 == 0) {
          socket.setSoTimeout((int) GRACE.toMillis());
          socket
              .getOutputStream()
              .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          assertTrue(socket.getInputStream().read() >= 0);
        }
      }
    }
    await(() -> transports() < CONNECTS / 100);
    assertEquals("hello", say(client, "hello"));
    assertEquals(List.of(), log.from(Level.INFO));
  }

  private int transports() throws Exception {
    var histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    int count =
        histogram
            .lines()
            .map(line -> line.trim().split("\\s+"))
            .filter(words -> words.length > 3 && words[3].endsWith(transport()))
            .mapToInt(words -> Integer.parseInt(words[1]))
            .sum();
    assertTrue(count > 0, "There is a connection, that of the client");
    return count;
  }

  @Test
  void leaksNoThreads() throws Exception {
    String file = Files.writeString(directory.resolve("secret"), SECRET).toString();
    for (int i = 0; i < starts(); i++) {
      restart(Guard.builder(Secrets.inFile(file)).build());
      assertEquals("hello", say(client, "hello"));
      assertFalse(threads().isEmpty());
    }
    stop();
    await(() -> threads().isEmpty());
  }

  /** Returns the threads of guards and of watched files. */
  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.equals("guard") || name.startsWith("follow "))
        .toList();
  }

  @Test
  void keepsDependencyVersionsOfStack() throws Exception {
    assertVersion("grpc.version", io.grpc.Context.class);
    assertVersion("grpc.version", io.grpc.Status.class);
    assertVersion("grpc.version", io.grpc.protobuf.StatusProto.class);
    assertVersion("slf4j.version", org.slf4j.Logger.class);
  }

  private static void assertVersion(String property, Class<?> type) {
    String jar = type.getProtectionDomain().getCodeSource().getLocation().getPath();
    assertTrue(jar.endsWith("-" + System.getProperty(property) + ".jar"), jar);
  }

  protected final Channel with(String secret) {
    return ClientInterceptors.intercept(
        withoutSecret, SecretCredentials.of(Secrets.of(secret)).interceptor());
  }

  protected static String say(Channel caller, String word) {
    return call(caller, TalkService.SAY, word);
  }

  private static String call(
      Channel caller, MethodDescriptor<StringValue, StringValue> method, String word) {
    var request = StringValue.of(word);
    return ClientCalls.blockingUnaryCall(caller, method, CallOptions.DEFAULT, request).getValue();
  }

  private StreamObserver<StringValue> talk(StreamObserver<StringValue> heard) {
    return ClientCalls.asyncBidiStreamingCall(
        client.newCall(TalkService.TALK, CallOptions.DEFAULT), heard);
  }

  /** Calls a method with an invalid request: its text is not UTF-8. */
  protected static Code codeOf(Channel caller, String method) {
    var marshaller = ProtoUtils.marshaller(BytesValue.getDefaultInstance());
    var descriptor =
        MethodDescriptor.newBuilder(marshaller, marshaller)
            .setType(MethodType.UNARY)
            .setFullMethodName(method)
            .build();
    var request = BytesValue.of(ByteString.copyFrom(new byte[] {(byte) 0xFF}));
    return failure(
            () -> ClientCalls.blockingUnaryCall(caller, descriptor, CallOptions.DEFAULT, request))
        .getStatus()
        .getCode();
  }

  protected static StatusRuntimeException failure(Runnable call) {
    return assertThrows(StatusRuntimeException.class, call::run);
  }

  private static void await(Callable<Boolean> condition) {
    long end = System.nanoTime() + GRACE.toNanos();
    try {
      while (!condition.call()) {
        assertTrue(System.nanoTime() < end, "It has not come true");
        Thread.sleep(50);
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The messages of a stream, and the code of its end. */
  private static final class Heard implements StreamObserver<StringValue> {

    private final BlockingQueue<String> words = new LinkedBlockingQueue<>();

    String next() throws InterruptedException {
      return words.poll(GRACE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void onNext(StringValue word) {
      words.add(word.getValue());
    }

    @Override
    public void onError(Throwable failure) {
      words.add(Status.fromThrowable(failure).getCode().name());
    }

    @Override
    public void onCompleted() {
      words.add(Code.OK.name());
    }
  }
}
