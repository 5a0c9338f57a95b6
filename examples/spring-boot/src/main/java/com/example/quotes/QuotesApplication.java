package com.example.quotes;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import io.grpc.ServerBuilder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.lifecycle.GrpcServerShutdownEvent;

/** Serves quotes to callers with the secret. */
@SpringBootApplication
class QuotesApplication {

  @Bean
  Guard guard(@Value("${quotes.secret-file}") String secretFile) {
    return Guard.builder(Secrets.inFile("quotes.secret-file", secretFile))
        .callsPerSecond(10)
        .burst(20)
        .failedAuthenticationsPerMinute(10)
        .build();
  }

  @Bean
  <B extends ServerBuilder<B>> ServerBuilderCustomizer<B> guarded(Guard guard) {
    return guard::around;
  }

  @Bean
  ApplicationListener<GrpcServerShutdownEvent> drain(Guard guard) {
    return stopping -> guard.drain();
  }

  /** Serves until SIGTERM. */
  public static void main(String[] arguments) {
    SpringApplication.run(QuotesApplication.class, arguments);
  }
}
