package dev.greeter.cli.command;

import com.google.common.util.concurrent.ListenableFuture;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.call.Channels;
import dev.greeter.cli.call.Diagnosis;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.Targets;
import dev.greeter.cli.console.CallException;
import dev.greeter.cli.option.Option;
import io.grpc.ClientInterceptor;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.CommandOption;
import org.springframework.stereotype.Component;

/** Calls the service that a command's options select. */
@Component
class GreeterClient {

  private final Targets targets;
  private final Channels channels;
  private final Diagnosis diagnosis;

  GreeterClient(Targets targets, Channels channels, Diagnosis diagnosis) {
    this.targets = targets;
    this.channels = channels;
    this.diagnosis = diagnosis;
  }

  /**
   * Returns the selected service and the call's options.
   *
   * @throws dev.greeter.cli.console.UsageException if an option is invalid
   */
  Target target(CommandContext context) {
    List<String> headers =
        context.parsedInput().options().stream()
            .filter(option -> Option.METADATA.longName().equals(option.longName()))
            .map(CommandOption::value)
            .toList();
    Target target =
        targets.of(
            GreeterCommand.value(Option.SERVER, context),
            GreeterCommand.value(Option.TIMEOUT, context),
            headers,
            GreeterCommand.has(Option.VERBOSE, context));
    return GreeterCommand.has(Option.WAIT, context) ? target.waiting() : target;
  }

  /**
   * Requests one greeting.
   *
   * @param interceptors additional interceptors for this call
   * @return the greeting, verbatim
   * @throws CallException if the call fails or takes longer than the timeout
   */
  String greet(String name, Target target, ClientInterceptor... interceptors) {
    try {
      return GreeterGrpc.newBlockingV2Stub(channels.to(target, interceptors))
          .withDeadlineAfter(target.timeout())
          .greet(request(name))
          .getGreeting();
    } catch (StatusException e) {
      throw explain(e, target, true);
    }
  }

  /**
   * Requests one greeting without waiting for it.
   *
   * @return the answer; fails with a {@link io.grpc.StatusRuntimeException}
   */
  ListenableFuture<GreetingResponse> greetAsync(String name, Target target) {
    return GreeterGrpc.newFutureStub(channels.to(target))
        .withDeadlineAfter(target.timeout())
        .greet(request(name));
  }

  /** Opens a conversation. */
  void chat(Target target, StreamObserver<GreetingResponse> answers) {
    var unused = GreeterGrpc.newStub(channels.to(target)).chat(answers);
  }

  /** Explains a failure: see {@link Diagnosis}. */
  CallException explain(Throwable failure, Target target, boolean probe) {
    return diagnosis.explain(failure, target, probe);
  }

  static GreetingRequest request(String name) {
    return GreetingRequest.newBuilder().setName(name).build();
  }
}
