package com.example.stacks;

import dev.greeter.guard.Guard;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

class Boot4Test extends StackTest {

  private ConfigurableApplicationContext application;

  @Override
  protected void start(Guard guard) {
    application =
        new SpringApplicationBuilder(Application.class)
            .initializers(
                (GenericApplicationContext context) ->
                    context.registerBean(Guard.class, () -> guard))
            .run(
                "--spring.grpc.server.address=127.0.0.1",
                "--spring.grpc.server.port=0",
                "--spring.grpc.server.shutdown.grace-period=" + GRACE.toSeconds() + "s");
  }

  @Override
  protected void stop() {
    application.close();
  }

  @Override
  protected int port() {
    return application.getBean(GrpcServerLifecycle.class).getPort();
  }

  @Configuration
  @EnableAutoConfiguration
  static class Application {

    @Bean
    TalkService talk() {
      return new TalkService();
    }
  }
}
