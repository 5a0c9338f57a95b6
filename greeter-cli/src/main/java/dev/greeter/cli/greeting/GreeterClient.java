package dev.greeter.cli.greeting;

import com.google.common.util.concurrent.ListenableFuture;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.call.CallFailure;
import dev.greeter.cli.call.Channels;
import dev.greeter.cli.call.Target;
import io.grpc.ClientInterceptor;
import io.grpc.StatusException;
import org.springframework.stereotype.Component;

/** Calls the service. */
@Component
public class GreeterClient {

  private final Channels channels;

  /**
   * Creates the client.
   *
   * @param channels opens the channels
   */
  public GreeterClient(Channels channels) {
    this.channels = channels;
  }

  /**
   * Asks for one greeting.
   *
   * @param interceptors what else the call goes through
   * @return the greeting, as the service has sent it
   * @throws dev.greeter.cli.error.CallException if the call fails or takes longer than the timeout
   */
  public String greet(String name, Target target, ClientInterceptor... interceptors) {
    try {
      return GreeterGrpc.newBlockingV2Stub(channels.to(target, interceptors))
          .withDeadlineAfter(target.timeout())
          .greet(request(name))
          .getGreeting();
    } catch (StatusException e) {
      throw CallFailure.of(e, target);
    }
  }

  /**
   * Asks for one greeting, without waiting for it.
   *
   * @return the answer, or a {@link io.grpc.StatusRuntimeException}
   */
  ListenableFuture<GreetingResponse> greetLater(String name, Target target) {
    return GreeterGrpc.newFutureStub(channels.to(target))
        .withDeadlineAfter(target.timeout())
        .greet(request(name));
  }

  /**
   * Opens a conversation.
   *
   * @return the conversation, to be closed by the caller
   */
  Conversation chat(Target target) {
    return new Conversation(GreeterGrpc.newBlockingV2Stub(channels.to(target)).chat(), target);
  }

  static GreetingRequest request(String name) {
    return GreetingRequest.newBuilder().setName(name).build();
  }
}
