package com.example.quotes;

import dev.greeter.guard.Guard;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.RateLimit;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.grpc.server.GrpcServerFactory;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.lifecycle.GrpcServerShutdownEvent;
import org.springframework.grpc.server.service.DefaultGrpcServiceConfigurer;
import org.springframework.grpc.server.service.GrpcServiceSpec;

/** Serves quotes to whoever has the secret. */
@SpringBootApplication
class QuotesApplication {

  @Bean
  Guard guard(@Value("${quotes.secret-file}") String secretFile) {
    var secrets = Secrets.inFile("quotes.secret-file", secretFile);
    return new Guard(secrets, new RateLimit(10, 0, 20, 10, 10_000));
  }

  @Bean
  <B extends ServerBuilder<B>> ServerBuilderCustomizer<B> guarded(Guard guard) {
    return guard::around;
  }

  @Bean
  DefaultGrpcServiceConfigurer parsingWithin(ApplicationContext context) {
    return new DefaultGrpcServiceConfigurer(context) {
      @Override
      public ServerServiceDefinition configure(GrpcServiceSpec service, GrpcServerFactory server) {
        return Guard.parsingWithin(super.configure(service, server));
      }
    };
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
