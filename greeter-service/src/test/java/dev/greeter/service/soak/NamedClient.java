package dev.greeter.service.soak;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A well-behaved client that has a name: its secret, and its channels. */
final class NamedClient implements AutoCloseable {

  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** As {@code greeter-cli} has it. */
  private static final int TIMEOUT_SECONDS = 5;

  private final String name;
  private final List<ManagedChannel> channels;
  private final Ledger ledger;
  private volatile List<Channel> authenticated = List.of();
  private volatile boolean active = true;
  private volatile boolean revoked;

  NamedClient(String name, String secret, List<ManagedChannel> channels, Ledger ledger) {
    this.name = name;
    this.channels = channels;
    this.ledger = ledger;
    use(secret);
  }

  String name() {
    return name;
  }

  /** Sends another secret from now on. */
  void use(String secret) {
    authenticated = channels.stream().map(channel -> with(secret, channel)).toList();
  }

  private static Channel with(String secret, Channel channel) {
    var headers = new Metadata();
    headers.put(HEADER, secret);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Whether it makes calls. */
  boolean isActive() {
    return active;
  }

  void setActive(boolean active) {
    this.active = active;
  }

  /** Says whether its calls are to fail, since its secret has been taken away. */
  void setRevoked(boolean revoked) {
    this.revoked = revoked;
  }

  /** Begins a conversation over one of the channels. */
  ClientCall<GreetingRequest, GreetingResponse> chat(int number) {
    return authenticated
        .get(number % channels.size())
        .newCall(GreeterGrpc.getChatMethod(), CallOptions.DEFAULT);
  }

  /** Asks for a greeting over one of the channels, and has the ledger know what comes of it. */
  void greet(int number, long due) {
    Second second = ledger.due(due);
    second.asked();
    String greeted = name + number;
    ClientCalls.asyncUnaryCall(
        authenticated
            .get(number % channels.size())
            .newCall(
                GreeterGrpc.getGreetMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT_SECONDS, SECONDS)),
        GreetingRequest.newBuilder().setName(greeted).build(),
        new StreamObserver<GreetingResponse>() {
          private String failure = "no answer";

          @Override
          public void onNext(GreetingResponse answer) {
            boolean right = answer.getGreeting().equals("Hello " + greeted + "!");
            failure = right ? "" : "another's answer";
          }

          @Override
          public void onError(Throwable t) {
            Status status = Status.fromThrowable(t);
            boolean mustFail = revoked && status.getCode() == Status.Code.UNAUTHENTICATED;
            second.ended(System.nanoTime() - due, status.getCode().toString(), mustFail);
            if (!mustFail) {
              ledger.explain(status);
            }
          }

          @Override
          public void onCompleted() {
            second.ended(System.nanoTime() - due, failure, false);
          }
        });
  }

  /** Asks for one greeting over each channel, beside the load, and returns how each call ends. */
  List<Status.Code> tryAll() {
    return authenticated.stream().map(NamedClient::greetOnce).toList();
  }

  /** Asks for one greeting, and returns how the call ends. */
  static Status.Code greetOnce(Channel channel) {
    try {
      var unused =
          GreeterGrpc.newBlockingStub(channel)
              .withDeadlineAfter(TIMEOUT_SECONDS, SECONDS)
              .greet(GreetingRequest.newBuilder().setName("Ada").build());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  @Override
  public void close() throws InterruptedException {
    for (ManagedChannel channel : channels) {
      channel.shutdownNow().awaitTermination(TIMEOUT_SECONDS, SECONDS);
    }
  }
}
