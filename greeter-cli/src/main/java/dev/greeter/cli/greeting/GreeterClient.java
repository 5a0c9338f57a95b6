package dev.greeter.cli.greeting;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreeterGrpc.GreeterBlockingV2Stub;
import dev.greeter.api.GreetingRequest;
import io.grpc.StatusException;
import java.net.URI;
import java.net.URISyntaxException;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.springframework.stereotype.Component;

/** Calls the service; channels are kept, so that a shell connects once to each server. */
@Component
class GreeterClient {

  private final GrpcChannelFactory channels;

  GreeterClient(GrpcChannelFactory channels) {
    this.channels = channels;
  }

  /**
   * Asks for one greeting.
   *
   * @return the greeting, safe to print
   * @throws dev.greeter.cli.error.CallException if the call fails or takes longer than the timeout
   */
  String greet(String name, Target target) {
    try {
      return Printable.of(
          stub(target).withDeadlineAfter(target.timeout()).greet(request(name)).getGreeting());
    } catch (StatusException e) {
      throw CallFailure.of(e.getStatus(), target);
    }
  }

  /**
   * Opens a conversation.
   *
   * @return the conversation, to be closed by the caller
   */
  Conversation chat(Target target) {
    return new Conversation(stub(target).chat(), target);
  }

  static GreetingRequest request(String name) {
    return GreetingRequest.newBuilder().setName(name).build();
  }

  private GreeterBlockingV2Stub stub(Target target) {
    return GreeterGrpc.newBlockingV2Stub(channels.createChannel(channelName(target)));
  }

  /** The channel's name is its address: a URI, in which the brackets of IPv6 are escaped. */
  private static String channelName(Target target) {
    try {
      return new URI("dns", "", "/" + target.server(), null).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
