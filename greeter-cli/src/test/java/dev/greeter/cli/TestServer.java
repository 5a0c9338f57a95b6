package dev.greeter.cli;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A gRPC server on the loopback interface that keeps the headers of the calls. */
public final class TestServer implements AutoCloseable {

  private final Queue<Metadata> headers = new ConcurrentLinkedQueue<>();
  private final Server server;
  private final String address;

  private TestServer(int port, ServerCredentials credentials, BindableService... services)
      throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    var builder = NettyServerBuilder.forAddress(address, credentials).intercept(new Recorder());
    for (BindableService service : services) {
      builder.addService(service);
    }
    server = builder.build().start();
    this.address = "127.0.0.1:" + server.getPort();
  }

  /** Starts a server of services. */
  public static TestServer of(BindableService... services) throws IOException {
    return at(0, services);
  }

  /** Starts a server of services on a port; 0 is any. */
  public static TestServer at(int port, BindableService... services) throws IOException {
    return new TestServer(port, InsecureServerCredentials.create(), services);
  }

  /** Starts a server of services behind TLS. */
  public static TestServer of(ServerCredentials credentials, BindableService... services)
      throws IOException {
    return new TestServer(0, credentials, services);
  }

  /** Returns its address, as {@code --server} takes it. */
  public String address() {
    return address;
  }

  /** Returns the headers of the calls until now. */
  public List<Metadata> headers() {
    return List.copyOf(headers);
  }

  /** Ends the calls that are running, and all connections. */
  @Override
  public void close() {
    server.shutdownNow();
  }

  /** Greets; a name that is a status code is answered with that status. */
  public static class Greeter extends GreeterGrpc.GreeterImplBase {

    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      Optional<Status> failure = failure(request.getName());
      if (failure.isPresent()) {
        answers.onError(failure.get().asException());
        return;
      }
      answer("Hello " + request.getName() + "!", answers);
      answers.onCompleted();
    }

    /** Returns the status that a name asks for. */
    protected static Optional<Status> failure(String name) {
      return Arrays.stream(Status.Code.values())
          .filter(code -> code.name().equals(name))
          .map(Status.Code::toStatus)
          .findFirst();
    }

    /** Sends an answer. */
    protected static void answer(String greeting, StreamObserver<GreetingResponse> answers) {
      answers.onNext(GreetingResponse.newBuilder().setGreeting(greeting).build());
    }
  }

  /** Greets, and welcomes everybody, until somebody says a status code. */
  public static final class Welcoming extends Greeter {
    @Override
    public StreamObserver<GreetingRequest> chat(StreamObserver<GreetingResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(GreetingRequest request) {
          Optional<Status> failure = failure(request.getName());
          if (failure.isPresent()) {
            answers.onError(failure.get().withDescription("enough").asException());
          } else {
            answer("Welcome, " + request.getName() + "!", answers);
          }
        }

        @Override
        public void onError(Throwable cancelled) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }

  private final class Recorder implements ServerInterceptor {
    @Override
    public <ReqT, RespT> Listener<ReqT> interceptCall(
        ServerCall<ReqT, RespT> call, Metadata metadata, ServerCallHandler<ReqT, RespT> next) {
      headers.add(metadata);
      return next.startCall(call, metadata);
    }
  }
}
