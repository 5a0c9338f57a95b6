package dev.greeter.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.jline.utils.AttributedStyle.DEFAULT;
import static org.jline.utils.AttributedStyle.RED;

import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.call.GreeterProperties;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.console.StandardStreams;
import dev.greeter.cli.console.TerminalInputReader;
import dev.greeter.cli.status.ServicePrompt;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.TerminalBuilder.SystemOutput;
import org.jline.utils.AttributedString;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.jline.CommandHighlighter;
import org.springframework.util.ReflectionUtils;

/** Puts the shell together. */
@Configuration(proxyBeanMethods = false)
class ShellConfiguration {

  @Bean
  StandardStreams standardStreams() {
    return StandardStreams.of(
        new FileInputStream(FileDescriptor.in),
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err));
  }

  /** The reader is asked for late: it completes the commands, which need the session. */
  @Bean
  Session session(
      ApplicationArguments arguments,
      StandardStreams streams,
      ObjectProvider<Terminal> terminal,
      ObjectProvider<LineReader> reader) {
    if (!interactive(arguments)) {
      return new Session(streams.in(), streams.out(), streams.err(), UnaryOperator.identity());
    }
    Terminal screen = terminal.getObject();
    UnaryOperator<String> alarm =
        error -> new AttributedString(error, DEFAULT.foreground(RED)).toAnsi(screen);
    return new Session(
        new TerminalInputReader(reader::getObject),
        screen.writer(),
        screen.writer(),
        wantsColours() ? alarm : UnaryOperator.identity());
  }

  @Bean
  CommandRunner commandRunner(CommandRegistry commands, Session session) {
    return new CommandRunner(commands, session);
  }

  @Bean
  TerminalShell terminalShell(CommandRunner commands, LineReader reader, ServicePrompt prompt) {
    return new TerminalShell(commands, reader, prompt::text, wantsColours());
  }

  @Bean
  GreeterShell greeterShell(
      ApplicationArguments arguments,
      CommandRunner commands,
      StandardStreams streams,
      ObjectProvider<TerminalShell> terminal) {
    return new GreeterShell(commands, streams.in(), terminal, interactive(arguments));
  }

  /** Takes the commands that are beans; Spring Shell's own registry looks for annotations, too. */
  @Bean
  CommandRegistry commandRegistry(List<Command> commands) {
    return new CommandRegistry(new HashSet<>(commands));
  }

  /**
   * For the help and the completion; {@link GreeterShell} leaves without it. Spring Shell 4.0.1 has
   * one, in a class that sets up Bean Validation.
   */
  @Bean
  Command quitCommand() {
    return Command.builder()
        .name("quit")
        .description("Leave the shell, as exit and Ctrl-D do")
        .group("Shell")
        .aliases("exit")
        .execute(context -> {});
  }

  /** The settings are checked at every start, whether the command needs them or not. */
  @Bean
  static LazyInitializationExcludeFilter checkSettings() {
    return LazyInitializationExcludeFilter.forBeanTypes(
        AuthenticationProperties.class, GreeterProperties.class);
  }

  /** As the rest of the program: UTF-8, whatever the locale says. */
  @Bean
  Terminal terminal() throws IOException {
    return TerminalBuilder.builder().encoding(UTF_8).systemOutput(SystemOutput.SysOut).build();
  }

  /**
   * Edits and completes lines. It takes every line as it stands: Spring Shell's parser asks for
   * more when it sees an apostrophe; {@link Words} decides what a quote is.
   */
  @Bean
  LineReader lineReader(Terminal terminal, CommandRegistry commands) {
    return LineReaderBuilder.builder()
        .terminal(terminal)
        .parser(new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]))
        .completer(new WordsCompleter(commands))
        .highlighter(new CommandHighlighter(commands))
        // At the start of a line, too, the tabulator key completes.
        .option(LineReader.Option.INSERT_TAB, false)
        .build();
  }

  private static boolean interactive(ApplicationArguments arguments) {
    return arguments.getSourceArgs().length == 0 && atTerminal();
  }

  /** By the convention of no-color.org, where an empty variable counts as unset. */
  private static boolean wantsColours() {
    return System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
  }

  // Up to Java 21 there is no console without a terminal; later a method tells.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean atTerminal() {
    Console console = System.console();
    Method isTerminal = ReflectionUtils.findMethod(Console.class, "isTerminal");
    return console != null
        && (isTerminal == null
            || Boolean.TRUE.equals(ReflectionUtils.invokeMethod(isTerminal, console)));
  }
}
