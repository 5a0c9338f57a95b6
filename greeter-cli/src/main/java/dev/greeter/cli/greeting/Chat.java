package dev.greeter.cli.greeting;

import dev.greeter.cli.call.Target;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Printable;
import dev.greeter.cli.error.CallException;
import dev.greeter.cli.error.ExitCode;
import io.grpc.Context;
import io.grpc.Status.Code;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A conversation, and another one each time that its server is lost and there is more to say. */
final class Chat implements AutoCloseable {

  /** How a call ends whose server stops or dies, or has heard nothing for too long (ABORTED). */
  private static final Set<Code> LOST = Set.of(Code.UNAVAILABLE, Code.CANCELLED, Code.ABORTED);

  private final GreeterClient client;
  private final Target target;
  private final Output output;
  private @Nullable Conversation conversation;
  private int exitCode = ExitCode.OK;

  /**
   * Opens the first conversation.
   *
   * @param client opens conversations
   * @param target with which service
   * @param output takes the answers, and what is said of a lost server
   */
  Chat(GreeterClient client, Target target, Output output) {
    this.client = client;
    this.target = target;
    this.output = output;
    this.conversation = client.chat(target);
  }

  /**
   * Says the first of the names, and prints its answer. If its server is lost before that, it
   * prints so; a name that was not sent goes into another conversation, for which it waits.
   *
   * @throws CallException if the conversation fails otherwise, or without any answer; all of the
   *     names have none then
   */
  void say(List<String> names) {
    Conversation current = conversation == null ? client.chat(target.waiting()) : conversation;
    conversation = current;
    try {
      GreetCommand.print(names.get(0), current.say(names.get(0)), output);
    } catch (CallException e) {
      if (!isLost(current, e)) {
        throw with("\nWithout an answer: '%s'", names, e);
      }
      conversation = null;
      List<String> name = names.subList(0, 1);
      if (current.hasSent()) {
        exitCode = output.failure(with("\nWithout an answer: '%s'", name, e), Map.of());
      } else {
        output.failure(with("\nNothing is lost: '%s' goes to the next server.", name, e), Map.of());
        say(names);
      }
    }
  }

  /**
   * Says that no more names follow.
   *
   * @return the exit code of the last name without an answer
   * @throws CallException if the conversation fails, unless its server is lost: all it was told has
   *     been answered
   */
  int end() {
    Conversation last = conversation;
    try {
      if (last != null) {
        last.end();
      }
    } catch (CallException e) {
      if (last == null || !isLost(last, e)) {
        throw e;
      }
    }
    return exitCode;
  }

  /** Gives the conversation up if it has not ended. */
  @Override
  public void close() {
    if (conversation != null) {
      conversation.close();
    }
  }

  private static boolean isLost(Conversation conversation, CallException failure) {
    return conversation.hasAnswered()
        && LOST.contains(failure.status().getCode())
        && !Context.current().isCancelled();
  }

  private static CallException with(String consequence, List<String> names, CallException failure) {
    String shown = Printable.of(String.join("', '", names));
    return new CallException(failure.status(), failure.getMessage() + consequence.formatted(shown));
  }
}
