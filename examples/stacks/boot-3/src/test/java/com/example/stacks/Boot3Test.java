package com.example.stacks;

import dev.greeter.guard.Guard;
import net.devh.boot.grpc.server.event.GrpcServerShutdownEvent;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

class Boot3Test extends StackTest {

  private ConfigurableApplicationContext application;
  private int port;

  @Override
  protected void start(Guard guard) {
    application =
        new SpringApplicationBuilder(Application.class)
            .initializers(
                (GenericApplicationContext context) ->
                    context.registerBean(Guard.class, () -> guard))
            .listeners((GrpcServerStartedEvent started) -> port = started.getPort())
            .run(
                "--grpc.server.address=127.0.0.1",
                "--grpc.server.port=0",
                "--grpc.server.shutdown-grace-period=" + GRACE.toSeconds() + "s");
  }

  @Override
  protected void stop() {
    application.close();
  }

  @Override
  protected int port() {
    return port;
  }

  @Configuration
  @EnableAutoConfiguration
  static class Application {

    @Bean
    GrpcServerConfigurer guarded(Guard guard) {
      return guard::around;
    }

    @Bean
    ApplicationListener<GrpcServerShutdownEvent> drain(Guard guard) {
      return stopping -> guard.drain();
    }

    @GrpcService
    static class Talk extends TalkService {}
  }
}
