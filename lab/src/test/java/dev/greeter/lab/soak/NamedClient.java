package dev.greeter.lab.soak;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.lab.ControlClient;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A well-behaved, named client with its secret and its channels. */
final class NamedClient implements AutoCloseable {

  /** The default of {@code greeter-cli}. */
  private static final int TIMEOUT_SECONDS = 5;

  volatile boolean active = true;

  /** Whether its calls must fail because its secret was removed. */
  volatile boolean revoked;

  final String name;
  private final List<ManagedChannel> channels;
  private final Ledger ledger;
  private volatile List<Channel> authenticated = List.of();

  NamedClient(String name, String secret, List<ManagedChannel> channels, Ledger ledger) {
    this.name = name;
    this.channels = channels;
    this.ledger = ledger;
    use(secret);
  }

  void use(String secret) {
    authenticated =
        channels.stream()
            .map(channel -> ClientInterceptors.intercept(channel, ControlClient.secret(secret)))
            .toList();
  }

  ClientCall<GreetingRequest, GreetingResponse> chat(int number) {
    return authenticated
        .get(number % channels.size())
        .newCall(GreeterGrpc.getChatMethod(), CallOptions.DEFAULT);
  }

  void greet(int number, long due) {
    Tally tally = ledger.due(due);
    tally.asked();
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
            if (revoked && status.getCode() == Status.Code.UNAUTHENTICATED) {
              tally.failedAsExpected();
            } else {
              tally.ended(System.nanoTime() - due, status.getCode().toString());
              ledger.explanations.putIfAbsent(
                  status.getCode(), String.valueOf(status.getDescription()));
            }
          }

          @Override
          public void onCompleted() {
            tally.ended(System.nanoTime() - due, failure);
          }
        });
  }

  List<Status.Code> tryAll() {
    return authenticated.stream().map(NamedClient::greetOnce).toList();
  }

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
