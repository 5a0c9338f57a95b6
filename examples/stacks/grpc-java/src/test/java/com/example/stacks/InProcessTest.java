package com.example.stacks;

import io.grpc.ManagedChannel;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;

class InProcessTest extends GrpcJavaTest {

  private static final String NAME = InProcessServerBuilder.generateName();

  @Override
  ServerBuilder<?> builder() {
    return InProcessServerBuilder.forName(NAME);
  }

  @Override
  protected ManagedChannel channel() {
    return InProcessChannelBuilder.forName(NAME).build();
  }

  @Override
  protected boolean hasConnections() {
    return false;
  }
}
