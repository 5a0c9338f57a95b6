package com.example.stacks;

import dev.greeter.guard.Guard;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;

/** Plain grpc-java. */
abstract class GrpcJavaTest extends StackTest {

  private Guard guard;
  private Server server;

  abstract ServerBuilder<?> builder();

  @Override
  protected void start(Guard guard) throws IOException {
    this.guard = guard;
    server =
        guard
            .around(builder())
            .addService(new TalkService())
            .addService(new HealthStatusManager().getHealthService())
            .build()
            .start();
  }

  @Override
  protected void stop() {
    guard.stop(server, GRACE);
  }

  @Override
  protected int port() {
    return server.getPort();
  }
}
