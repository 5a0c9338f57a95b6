package dev.greeter.cli.command;

import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.console.CallException;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Printable;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A conversation that sends one name at a time and waits for its answer. If the server is lost,
 * another {@code Chat} call continues it. The timeout applies to each answer: a deadline for the
 * call would end the conversation while its user is thinking.
 */
final class Chat implements AutoCloseable {

  /** The statuses of a call whose server stops, dies or receives nothing for long (ABORTED). */
  private static final Set<Code> LOST = Set.of(Code.UNAVAILABLE, Code.CANCELLED, Code.ABORTED);

  private final GreeterClient client;
  private final Target target;
  private final Output output;
  private @Nullable Stream stream;
  private boolean started;
  private boolean answered;

  Chat(GreeterClient client, Target target, Output output) {
    this.client = client;
    this.target = target;
    this.output = output;
  }

  /**
   * Sends the first name and prints its answer. If the server is lost, it waits for another one and
   * sends the name again: no name is answered twice.
   *
   * @throws CallException if that fails; its details list the unanswered names
   */
  void say(List<String> names) throws InterruptedException {
    started = true;
    String name = names.get(0);
    String answer;
    try {
      try {
        answer = ask(name, target);
      } catch (CallException e) {
        if (!isLost(e)) {
          throw e;
        }
        answer = ask(name, target.waiting());
      }
    } catch (CallException e) {
      String unanswered = Printable.of(String.join("', '", names));
      throw e.with(" No answer: '%s'.".formatted(unanswered), "unanswered", names);
    }
    answered = true;
    GreetCommand.print(name, answer, output);
  }

  /**
   * Ends the conversation and waits until the service has ended the call. Without any name it makes
   * the call, which shows whether the service accepts it; after a failure, no call is left to end.
   *
   * @throws CallException if that fails; a lost server is ignored, since every name has its answer
   */
  void end() throws InterruptedException {
    if (stream == null && started) {
      return;
    }
    Stream last = stream == null ? open(target) : stream;
    last.waiting = true;
    last.requests().onCompleted();
    try {
      while (last.next() != null) {
        // Unexpected: all names have been answered.
        last.requests().request(1);
      }
    } catch (CallException e) {
      if (!isLost(e)) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    if (stream != null) {
      stream.waiting = true;
      stream.requests().cancel("The client has left the conversation", null);
      stream = null;
    }
  }

  private String ask(String name, Target to) throws InterruptedException {
    Stream current = stream == null ? open(to) : stream;
    current.waiting = true;
    current.requests().onNext(GreeterClient.request(name));
    try {
      String answer = current.next();
      if (answer == null) {
        var early = Status.UNKNOWN.withDescription("it ended the conversation before it answered");
        throw client.explain(early.asException(), target, false);
      }
      current.waiting = false;
      current.requests().request(1);
      return answer;
    } catch (CallException e) {
      close();
      throw e;
    }
  }

  private Stream open(Target to) {
    var opened = new Stream(to);
    client.chat(to, opened);
    stream = opened;
    return opened;
  }

  private boolean isLost(CallException failure) {
    return answered
        && LOST.contains(failure.status().getCode())
        && !Context.current().isCancelled();
  }

  /** A single call. */
  private final class Stream implements ClientResponseObserver<GreetingRequest, GreetingResponse> {

    private final Target to;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private @Nullable ClientCallStreamObserver<GreetingRequest> requests;
    private volatile boolean waiting = true;

    /** An answer, a failure or, if both are null, the end of the call. */
    private record Event(@Nullable String answer, @Nullable Throwable failure) {}

    Stream(Target to) {
      this.to = to;
    }

    ClientCallStreamObserver<GreetingRequest> requests() {
      return Objects.requireNonNull(requests);
    }

    @Nullable String next() throws InterruptedException {
      Event event = events.poll(target.timeout().toNanos(), TimeUnit.NANOSECONDS);
      if (event == null) {
        throw client.explain(Status.DEADLINE_EXCEEDED.asException(), to, true);
      }
      if (event.failure() != null) {
        throw client.explain(event.failure(), to, true);
      }
      return event.answer();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GreetingRequest> stream) {
      // Request one answer at a time: a service must not fill the memory.
      stream.disableAutoRequestWithInitial(1);
      requests = stream;
    }

    @Override
    public void onNext(GreetingResponse response) {
      events.add(new Event(response.getGreeting(), null));
    }

    @Override
    public void onError(Throwable failure) {
      events.add(new Event(null, failure));
      if (!waiting) {
        String text =
            "The service at %s ended the conversation. The next name starts another one."
                .formatted(target.server());
        output.note(text, Map.of("note", text));
      }
    }

    @Override
    public void onCompleted() {
      events.add(new Event(null, null));
    }
  }
}
