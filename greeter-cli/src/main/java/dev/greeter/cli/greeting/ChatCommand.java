package dev.greeter.cli.greeting;

import java.io.EOFException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.InputReader;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.annotation.Arguments;
import org.springframework.shell.core.command.annotation.Command;
import org.springframework.shell.core.command.annotation.Option;
import org.springframework.stereotype.Component;

/** The command {@code chat}. */
@Component
class ChatCommand {

  private static final String HELP =
      """
      chat [NAME...] [--server HOST:PORT] [--timeout DURATION]
      Has everybody welcomed in one conversation, each as soon as the name is sent.
      Without names it reads them line by line until the input ends (Ctrl-D).

            --server HOST:PORT  which service to call, in place of GREETER_SERVER
            --timeout DURATION  how long to wait for each answer, such as 5s or 500ms\
      """;

  private final GreeterClient client;
  private final GreeterProperties defaults;

  ChatCommand(GreeterClient client, GreeterProperties defaults) {
    this.client = client;
    this.defaults = defaults;
  }

  /**
   * Holds a conversation and prints each answer as it comes.
   *
   * @throws Exception if a name cannot be read
   */
  @Command(
      name = "chat",
      group = "Greetings",
      description = "Have several people welcomed in one conversation",
      help = HELP)
  void chat(
      @Arguments List<String> names,
      @Option(longName = "server", description = "host:port of the service")
          @Nullable String server,
      @Option(longName = "timeout", description = "how long to wait for each answer, such as 5s")
          @Nullable String timeout,
      CommandContext context)
      throws Exception {
    PrintWriter output = context.outputWriter();
    try (Conversation conversation = client.chat(Target.of(server, timeout, defaults))) {
      for (String name : names) {
        say(name, conversation, output);
      }
      if (names.isEmpty()) {
        sayEveryLine(context.inputReader(), conversation, output);
      }
      conversation.end();
    }
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
