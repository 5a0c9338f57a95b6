package com.example.stacks;

import dev.greeter.guard.Guard;
import io.grpc.ServerBuilder;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.grpc.server.GrpcEmbeddedServer;
import io.micronaut.runtime.server.event.ServerShutdownEvent;
import jakarta.inject.Singleton;
import java.util.Map;

class MicronautTest extends StackTest {

  private Guard guard;
  private ApplicationContext application;
  private GrpcEmbeddedServer server;

  @Override
  protected void start(Guard guard) {
    this.guard = guard;
    application =
        ApplicationContext.builder()
            .properties(
                Map.of(
                    "grpc.server.host", "127.0.0.1",
                    "grpc.server.port", "0",
                    "grpc.server.awaitTermination", GRACE.toSeconds() + "s"))
            .singletons(guard)
            .start();
    server = application.getBean(GrpcEmbeddedServer.class);
    server.start();
  }

  @Override
  protected void stop() {
    application.close();
    guard.close();
  }

  @Override
  protected int port() {
    return server.getPort();
  }

  @Singleton
  static class Talk extends TalkService {}

  @Singleton
  static class Guarded implements BeanCreatedEventListener<ServerBuilder<?>> {

    private final Guard guard;

    Guarded(Guard guard) {
      this.guard = guard;
    }

    @Override
    public ServerBuilder<?> onCreated(BeanCreatedEvent<ServerBuilder<?>> event) {
      return guard.around(event.getBean());
    }
  }

  @Singleton
  static class Drain implements ApplicationEventListener<ServerShutdownEvent> {

    private final Guard guard;

    Drain(Guard guard) {
      this.guard = guard;
    }

    @Override
    public void onApplicationEvent(ServerShutdownEvent stopping) {
      guard.drain();
    }
  }
}
