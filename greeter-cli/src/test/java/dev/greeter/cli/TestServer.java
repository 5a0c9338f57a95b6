package dev.greeter.cli;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import com.google.rpc.RetryInfo;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.InsecureServerCredentials;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A gRPC server that counts its calls and their messages. */
public final class TestServer implements AutoCloseable {

  private static final Context.Key<Metadata> HEADERS = Context.key("headers");

  /** A request header with a name that replaces the request's. */
  private static final Metadata.Key<String> STATUS = key("x-status");

  /** A request header that is echoed in the response. */
  private static final Metadata.Key<String> CLIENT = key("greeter-client");

  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger messages = new AtomicInteger();
  private final Server server;
  private final int port;

  private TestServer(
      InetSocketAddress at, ServerCredentials credentials, BindableService... services)
      throws IOException {
    var builder =
        NettyServerBuilder.forAddress(at, credentials)
            .maxInboundMessageSize(16 * 1024)
            .intercept(new Recorder());
    for (BindableService service : services) {
      builder.addService(service);
    }
    server = builder.build().start();
    port = server.getPort();
  }

  /** Starts a server. */
  public static TestServer of(BindableService... services) throws IOException {
    return at(0, services);
  }

  /** Starts a server on a port; 0 chooses any. */
  public static TestServer at(int port, BindableService... services) throws IOException {
    return at(new InetSocketAddress(port), services);
  }

  /** Starts a server on one address of this machine. */
  public static TestServer at(InetSocketAddress address, BindableService... services)
      throws IOException {
    return new TestServer(address, InsecureServerCredentials.create(), services);
  }

  /** Starts a server with TLS. */
  public static TestServer of(ServerCredentials credentials, BindableService... services)
      throws IOException {
    return new TestServer(new InetSocketAddress(0), credentials, services);
  }

  /** Returns the address in the format of {@code --server}. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Returns the port. */
  public int port() {
    return port;
  }

  /** Returns the number of started calls. */
  public int calls() {
    return calls.get();
  }

  /** Returns the number of received names. */
  public int messages() {
    return messages.get();
  }

  /** Ends all running calls and connections. */
  @Override
  public void close() {
    server.shutdownNow();
  }

  /**
   * Greets. A status code as the name returns that status, {@code SILENT} returns nothing, and
   * {@code ?header} returns the value of that header.
   */
  public static class Greeter extends GreeterGrpc.GreeterImplBase {

    /** Contains a name that is valid on the network but not in gRPC's API. */
    private static final Metadata TRAILERS =
        InternalMetadata.newMetadata(
            Stream.of("x!y", "1", "-bin", "1", "x-last", "2")
                .map(String::getBytes)
                .toArray(byte[][]::new));

    @Override
    public void greet(GreetingRequest request, StreamObserver<GreetingResponse> answers) {
      String name =
          HEADERS.get().containsKey(STATUS) ? HEADERS.get().get(STATUS) : request.getName();
      switch (name) {
        case "SILENT" -> {}
        case "RETRY" -> answers.onError(busy());
        case "TRAILERS" -> answers.onError(Status.NOT_FOUND.asException(TRAILERS));
        default -> {
          if (!fails(name, null, answers)) {
            String shown = name.startsWith("?") ? header(name.substring(1)) : name;
            answer("Hello " + shown + "!", answers);
            answers.onCompleted();
          }
        }
      }
    }

    /** Fails with the status in the name, if there is one. */
    static boolean fails(String name, @Nullable String description, StreamObserver<?> answers) {
      var code = Arrays.stream(Status.Code.values()).filter(c -> c.name().equals(name)).findFirst();
      code.map(c -> c.toStatus().withDescription(description).asException())
          .ifPresent(answers::onError);
      return code.isPresent();
    }

    static void answer(String greeting, StreamObserver<GreetingResponse> answers) {
      answers.onNext(GreetingResponse.newBuilder().setGreeting(greeting).build());
    }

    private static String header(String name) {
      return String.join(",", HEADERS.get().getAll(key(name)));
    }

    private static Throwable busy() {
      var retry = RetryInfo.newBuilder().setRetryDelay(Durations.fromSeconds(3)).build();
      var status =
          com.google.rpc.Status.newBuilder()
              .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
              .setMessage("\033[2J busy")
              .addDetails(Any.pack(retry));
      return StatusProto.toStatusException(status.build());
    }
  }

  /** Greets like {@link Greeter}, and welcomes everyone until a name is a status code. */
  public static final class Welcoming extends Greeter {
    @Override
    public StreamObserver<GreetingRequest> chat(StreamObserver<GreetingResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(GreetingRequest request) {
          String name = request.getName();
          if (name.equals("END")) {
            answers.onCompleted();
          } else if (!name.equals("SILENT") && !fails(name, "enough", answers)) {
            answer("Welcome, " + name + "!", answers);
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
      calls.incrementAndGet();
      var answering =
          new SimpleForwardingServerCall<ReqT, RespT>(call) {
            @Override
            public void sendHeaders(Metadata headers) {
              headers.merge(metadata, Set.of(CLIENT));
              super.sendHeaders(headers);
            }
          };
      Context context = Context.current().withValue(HEADERS, metadata);
      var listener = Contexts.interceptCall(context, answering, metadata, next);
      return new SimpleForwardingServerCallListener<>(listener) {
        @Override
        public void onMessage(ReqT message) {
          messages.incrementAndGet();
          super.onMessage(message);
        }
      };
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
