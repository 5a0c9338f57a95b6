package dev.greeter.cli.greeting;

import dev.greeter.cli.call.CallCommand;
import dev.greeter.cli.call.Help;
import dev.greeter.cli.call.Targets;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Printable;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.CallException;
import java.io.EOFException;
import java.util.List;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code chat}: holds a conversation, and prints each answer as it comes. */
@Component
final class ChatCommand extends CallCommand {

  private static final Help HELP =
      new Help(
          """
          chat [NAME...] [OPTION...]
          Has everybody welcomed in one conversation, each as soon as the name is sent. Without names
          it reads them line by line until the input ends (Ctrl-D), or at a terminal until an empty
          line.
          """,
          """

          Examples:
            chat Alice Bob         Welcome, Alice! and then: Welcome, Bob!
            chat --timeout 1m      has a minute for each answer\
          """);

  private final GreeterClient client;

  ChatCommand(GreeterClient client, Targets targets, Session session) {
    super("chat", "Have several people welcomed in one conversation", HELP, targets, session);
    this.client = client;
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws Exception {
    List<String> names = arguments(context);
    Output output = output(context);
    try (Conversation conversation = client.chat(target(context))) {
      for (int i = 0; i < names.size(); i++) {
        say(names.subList(i, names.size()), conversation, output);
      }
      if (names.isEmpty()) {
        sayEveryLine(context.inputReader(), conversation, output);
      }
      conversation.end();
    }
    return ExitStatus.OK;
  }

  private static void sayEveryLine(InputReader input, Conversation conversation, Output output)
      throws Exception {
    try {
      while (output.works()) {
        say(List.of(input.readInput()), conversation, output);
      }
    } catch (EOFException e) {
      // The end of the input is the end of the conversation.
    }
  }

  /** Says the first of the names; if the conversation breaks, all of them have no answer. */
  private static void say(List<String> names, Conversation conversation, Output output) {
    try {
      GreetCommand.print(conversation.say(names.get(0)), output);
    } catch (CallException e) {
      String lost = Printable.of(String.join("', '", names));
      throw new CallException(
          e.status(), e.getMessage() + "\nWithout an answer: '%s'".formatted(lost));
    }
  }
}
