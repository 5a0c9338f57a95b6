package dev.greeter.cli.command;

import dev.greeter.cli.console.CallException;
import dev.greeter.cli.console.ExitCode;
import dev.greeter.cli.console.Input;
import dev.greeter.cli.console.Output;
import io.grpc.Context;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.stereotype.Component;

/** The command {@code chat}: holds a conversation and prints each answer immediately. */
@Component
final class ChatCommand extends GreeterCommand {

  private final GreeterClient client;
  private final Input input;
  private final Output output;

  ChatCommand(GreeterClient client, Input input, Output output) {
    super(
        "chat",
        "Welcome several people in one conversation",
        "[NAME...]",
        ANY,
        """
        Sends the names in one conversation, one at a time, and prints each answer. Without names,
        it reads them from standard input, one per line. If the server is lost after an answer,
        another one continues the conversation.

        Examples:
          chat Alice Bob         print "Welcome, Alice!", then "Welcome, Bob!"
          chat --timeout 1m      wait up to a minute for each answer
        """);
    this.client = client;
    this.input = input;
    this.output = output;
  }

  @Override
  protected int run(List<String> arguments, CommandContext context) throws Exception {
    try (Chat chat = new Chat(client, client.target(context), output)) {
      int exitCode = ExitCode.OK;
      if (!arguments.isEmpty()) {
        for (int i = 0; i < arguments.size(); i++) {
          chat.say(arguments.subList(i, arguments.size()));
        }
      } else if (input.isTerminal()) {
        exitCode = sayTyped(chat);
      } else {
        for (String name = read(); name != null && output.isWritable(); name = read()) {
          if (!name.isBlank()) {
            chat.say(List.of(name));
          }
        }
      }
      chat.end();
      return exitCode;
    }
  }

  /** Continues after a failure: names typed ahead must not run as shell commands. */
  private int sayTyped(Chat chat) throws InterruptedException {
    String hint = "Type a name. An empty line or Ctrl-D ends the chat.";
    output.note(hint, Map.of("note", hint));
    int exitCode = ExitCode.OK;
    for (String name = read(); name != null && !name.isEmpty(); name = read()) {
      try {
        chat.say(List.of(name));
      } catch (CallException e) {
        if (Context.current().isCancelled()) {
          throw e;
        }
        exitCode = output.failure(e, Map.of());
      }
    }
    return exitCode;
  }

  private @Nullable String read() {
    return input.read("");
  }
}
