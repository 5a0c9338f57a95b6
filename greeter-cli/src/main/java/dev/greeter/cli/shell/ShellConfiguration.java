package dev.greeter.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.greeting.GreeterProperties;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.List;
import org.jline.reader.LineReader;
import org.jline.reader.Parser;
import org.jline.reader.impl.DefaultParser;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.shell.core.autoconfigure.TerminalCustomizer;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.core.utils.Utils;
import org.springframework.util.ReflectionUtils;

/** Puts the shell together. */
@Configuration(proxyBeanMethods = false)
class ShellConfiguration {

  @Bean
  GreeterShell greeterShell(CommandRegistry commands, ObjectProvider<LineReader> terminal) {
    var streams =
        new StandardStreams(
            new FileInputStream(FileDescriptor.in),
            new FileOutputStream(FileDescriptor.out),
            new FileOutputStream(FileDescriptor.err));
    return new GreeterShell(new CommandRunner(commands), streams, terminal, atTerminal());
  }

  /** Takes the commands that are beans; Spring Shell's own registry looks for annotations, too. */
  @Bean
  CommandRegistry commandRegistry(List<Command> commands) {
    var registry = new CommandRegistry(new HashSet<>(commands));
    registry.registerCommand(Utils.QUIT_COMMAND);
    return registry;
  }

  /** The settings are checked at every start, whether the command needs them or not. */
  @Bean
  static LazyInitializationExcludeFilter checkSettings() {
    return LazyInitializationExcludeFilter.forBeanTypes(
        AuthenticationProperties.class, GreeterProperties.class);
  }

  /** As the rest of the program: UTF-8, whatever the locale says. */
  @Bean
  TerminalCustomizer terminalEncoding() {
    return terminal -> terminal.encoding(UTF_8);
  }

  /**
   * Takes every line as it stands. Spring Shell's parser asks for more when it sees an apostrophe;
   * {@link Words} decides what a quote is.
   */
  @Bean
  @Primary
  Parser lineParser() {
    return new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]);
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
