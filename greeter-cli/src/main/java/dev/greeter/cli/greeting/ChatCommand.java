package dev.greeter.cli.greeting;

import java.io.EOFException;
import java.io.PrintWriter;
import java.util.List;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code chat}: holds a conversation, and prints each answer as it comes. */
@Component
final class ChatCommand extends CallCommand {

  private static final String HELP =
      """
      chat [NAME...] [--server HOST:PORT] [--timeout DURATION]
      Has everybody welcomed in one conversation, each as soon as the name is sent.
      Without names it reads them line by line until the input ends (Ctrl-D), or at a terminal
      until an empty line.

            --server HOST:PORT  which service to call, in place of GREETER_SERVER
            --timeout DURATION  how long to wait for each answer, such as 5s or 500ms\
      """;

  private final GreeterClient client;

  ChatCommand(GreeterClient client, GreeterProperties defaults) {
    super("chat", "Have several people welcomed in one conversation", HELP, defaults);
    this.client = client;
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws Exception {
    List<String> names = arguments(context);
    PrintWriter output = context.outputWriter();
    try (Conversation conversation = client.chat(target(context))) {
      for (String name : names) {
        say(name, conversation, output);
      }
      if (names.isEmpty()) {
        sayEveryLine(context.inputReader(), conversation, output);
      }
      conversation.end();
    }
    return ExitStatus.OK;
  }

  private static void sayEveryLine(InputReader input, Conversation conversation, PrintWriter output)
      throws Exception {
    try {
      while (true) {
        say(input.readInput(), conversation, output);
      }
    } catch (EOFException e) {
      // The end of the input is the end of the conversation.
    }
  }

  private static void say(String name, Conversation conversation, PrintWriter output) {
    output.println(conversation.say(name));
    output.flush();
  }
}
