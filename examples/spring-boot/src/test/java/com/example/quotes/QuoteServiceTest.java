package com.example.quotes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.SecretCredentials;
import dev.greeter.guard.Secrets;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.grpc.test.autoconfigure.AutoConfigureTestGrpcTransport;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Tests the service in-process, without a port, but with the guard. */
@SpringBootTest
@AutoConfigureTestGrpcTransport
class QuoteServiceTest {

  @TempDir private static Path directory;

  @Autowired private GrpcChannelFactory channels;

  @DynamicPropertySource
  static void secret(DynamicPropertyRegistry properties) throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), "first\n");
    properties.add("grpc.guard.secret-file", file::toString);
  }

  @Test
  void streamsQuotesOnlyToAuthenticatedClients() {
    var quotes = QuotesGrpc.newBlockingStub(channels.createChannel("quotes"));
    var request = StreamRequest.newBuilder().setSymbol("ACME").build();
    assertThatThrownBy(() -> quotes.stream(request).next())
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("UNAUTHENTICATED: Access denied!");

    var secret = SecretCredentials.of(Secrets.of("first"));
    var quote = quotes.withCallCredentials(secret).stream(request).next();
    assertThat(quote.getSymbol()).isEqualTo("ACME");
  }
}
