package com.example.quotes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.greeter.guard.SecretCredentials;
import dev.greeter.guard.Secrets;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** Tests the guard around an independent service. */
class QuotesApplicationTest {

  @TempDir private Path directory;
  private Path secretFile;
  private ConfigurableApplicationContext service;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    secretFile = Files.writeString(directory.resolve("secret"), "first\n");
    service =
        SpringApplication.run(
            QuotesApplication.class,
            "--grpc.guard.secret-file=" + secretFile,
            "--spring.grpc.server.address=127.0.0.1",
            "--spring.grpc.server.port=0");
    int port = service.getBean(GrpcServerLifecycle.class).getPort();
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    service.close();
  }

  @Test
  void rejectsMissingAndWrongSecrets() {
    for (Channel caller : List.of(channel, with("wrong"))) {
      Status status = statusOf(stream(caller, "ACME"));
      assertThat(status.getCode()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(status.getDescription()).isEqualTo("Access denied!");
    }
  }

  @Test
  void answersHealthChecksWithoutSecret() {
    var health = HealthGrpc.newBlockingStub(channel);
    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void requiresSecretForReflection() {
    String reflection = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    assertThat(statusOf(channel, reflection).getCode()).isEqualTo(Code.UNAUTHENTICATED);
    // It is accepted, but cannot be parsed.
    assertThat(statusOf(with("first"), reflection).getCode()).isEqualTo(Code.UNKNOWN);
  }

  @Test
  void streamsQuotesToAuthenticatedClients() {
    var quotes = stream(with("first"), "ACME");
    for (int i = 0; i < 3; i++) {
      assertThat(quotes.next().getSymbol()).isEqualTo("ACME");
    }
  }

  @Test
  void revealsUnknownMethodsOnlyToAuthenticatedClients() {
    assertThat(statusOf(channel, "quotes.v1.Quotes/Guess").getCode())
        .isEqualTo(Code.UNAUTHENTICATED);
    assertThat(statusOf(with("first"), "quotes.v1.Quotes/Guess").getCode())
        .isEqualTo(Code.UNIMPLEMENTED);
  }

  @Test
  void rotatesSecretWithoutRestart() throws IOException {
    assertThat(isServed("second")).isFalse();
    Files.writeString(secretFile, "second\nfirst\n");
    await().until(() -> isServed("second"));
    assertThat(isServed("first")).isTrue();
    Files.writeString(secretFile, "second\n");
    await().until(() -> codeWith("first") == Code.UNAUTHENTICATED);
    assertThat(isServed("second")).isTrue();
  }

  @Test
  void limitsCallRatePerAddress() {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () ->
                statusOf(with("first"), "quotes.v1.Quotes/Guess").getCode()
                    == Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void throttlesSecretGuessing() {
    Awaitility.await().until(() -> codeWith("guess") == Code.RESOURCE_EXHAUSTED);
    assertThat(codeWith("first")).isEqualTo(Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void endsOpenStreamsOnShutdown() {
    var quotes = stream(with("first"), "ACME");
    quotes.next();
    service.close();
    Status status = statusOf(quotes);
    assertThat(status.getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(status.getDescription()).isEqualTo("The service is stopping: call again");
  }

  @Test
  void rejectsEmptySymbolAsInvalidArgument() {
    Status status = statusOf(stream(with("first"), ""));
    assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).isEqualTo("symbol must not be empty");
  }

  private Channel with(String secret) {
    return ClientInterceptors.intercept(
        channel, SecretCredentials.of(Secrets.of(secret)).interceptor());
  }

  private static Iterator<Quote> stream(Channel caller, String symbol) {
    var request = StreamRequest.newBuilder().setSymbol(symbol).build();
    return QuotesGrpc.newBlockingStub(caller).stream(request);
  }

  /** Polls rarely enough that it does not count as guessing. */
  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofSeconds(1));
  }

  private boolean isServed(String secret) {
    return codeWith(secret) == Code.INVALID_ARGUMENT;
  }

  /** Without a symbol, so that an accepted call ends at once. */
  private Code codeWith(String secret) {
    return statusOf(stream(with(secret), "")).getCode();
  }

  private static Status statusOf(Iterator<Quote> quotes) {
    return failure(() -> quotes.forEachRemaining(quote -> {}));
  }

  /** Calls a method with two bytes that are not a valid message. */
  private static Status statusOf(Channel caller, String method) {
    var bytes = new Bytes();
    var descriptor =
        MethodDescriptor.newBuilder(bytes, bytes)
            .setType(MethodType.UNARY)
            .setFullMethodName(method)
            .build();
    byte[] request = {(byte) 0xFF, (byte) 0xFF};
    return failure(
        () -> ClientCalls.blockingUnaryCall(caller, descriptor, CallOptions.DEFAULT, request));
  }

  private static Status failure(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run).getStatus();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] bytes) {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
      return new byte[0];
    }
  }
}
