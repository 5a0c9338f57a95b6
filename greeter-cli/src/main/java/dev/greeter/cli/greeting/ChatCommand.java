package dev.greeter.cli.greeting;

import dev.greeter.cli.call.CallCommand;
import dev.greeter.cli.call.Targets;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Session;
import java.io.EOFException;
import java.util.List;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code chat}: holds a conversation, and prints each answer as it comes. */
@Component
final class ChatCommand extends CallCommand {

  private static final Manual MANUAL =
      new Manual(
          "chat",
          "Greetings",
          "Have several people welcomed in one conversation",
          """
          chat [NAME...] [OPTION...]
          Has everybody welcomed in one conversation, each as soon as the name is sent. Without names
          it reads them line by line until the input ends (Ctrl-D), or at a terminal until an empty
          line.
          """,
          """
            chat Alice Bob         Welcome, Alice! and then: Welcome, Bob!
            chat --timeout 1m      has a minute for each answer\
          """);

  private final GreeterClient client;

  ChatCommand(GreeterClient client, Targets targets, Session session) {
    super(MANUAL, targets, session);
    this.client = client;
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws Exception {
    List<String> names = arguments(context);
    Output output = output(context);
    try (Chat chat = new Chat(client, target(context), output)) {
      for (int i = 0; i < names.size(); i++) {
        chat.say(names.subList(i, names.size()));
      }
      if (names.isEmpty()) {
        sayEveryLine(context.inputReader(), chat, output);
      }
      return new ExitStatus(chat.end(), "as the last loss");
    }
  }

  private static void sayEveryLine(InputReader input, Chat chat, Output output) throws Exception {
    try {
      while (output.works()) {
        String name = input.readInput();
        // At a terminal it is the end; in a file it is none.
        if (!name.isBlank()) {
          chat.say(List.of(name));
        }
      }
    } catch (EOFException e) {
      // The end of the input is the end of the conversation.
    }
  }
}
