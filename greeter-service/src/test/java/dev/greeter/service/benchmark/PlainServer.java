package dev.greeter.service.benchmark;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A greeter as one writes it on grpc-java alone, with {@code directExecutor()}. */
final class PlainServer implements AutoCloseable {

  private static final boolean EPOLL = Epoll.isAvailable();
  private static final Metadata.Key<String> SECRET =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  // Its own, so that its threads are not the client's.
  private final EventLoopGroup workers =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(),
          new DefaultThreadFactory("plain-worker", true),
          EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  private final Server server;

  PlainServer(boolean checked) {
    Class<? extends ServerChannel> channel =
        EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    var builder =
        NettyServerBuilder.forPort(0)
            .directExecutor()
            .channelType(channel)
            .bossEventLoopGroup(workers)
            .workerEventLoopGroup(workers)
            .addService(new Greeter());
    if (checked) {
      builder.intercept(new Check());
    }
    try {
      server = builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
    var unused = workers.shutdownGracefully();
  }

  private static final class Greeter extends GreeterGrpc.GreeterImplBase {

    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> responses) {
      responses.onNext(
          GreetingResponse.newBuilder().setGreeting("Hello " + request.getName() + "!").build());
      responses.onCompleted();
    }
  }

  private static final class Check implements ServerInterceptor {

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      if ("42".equals(headers.get(SECRET))) {
        return next.startCall(call, headers);
      }
      call.close(Status.UNAUTHENTICATED.withDescription("Access denied!"), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
