package dev.greeter.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.jline.utils.AttributedStyle.DEFAULT;
import static org.jline.utils.AttributedStyle.RED;

import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.call.GreeterProperties;
import dev.greeter.cli.console.Input;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.StandardStreams;
import dev.greeter.cli.console.UsageException;
import dev.greeter.cli.console.Utf8LineReader;
import dev.greeter.cli.option.CommandLine;
import dev.greeter.cli.shell.ShellConfiguration.Start.Source;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.TerminalBuilder.SystemOutput;
import org.jline.terminal.spi.SystemStream;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.shell.core.command.Command;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.jline.CommandHighlighter;

/** Creates the shell's beans. */
@Configuration(proxyBeanMethods = false)
class ShellConfiguration {

  /**
   * The program's arguments and source of commands.
   *
   * @param line the arguments
   * @param source the source of the commands
   */
  record Start(CommandLine line, Source source) {

    /** The source of commands. */
    enum Source {
      ARGUMENTS,
      PIPE,
      TERMINAL
    }
  }

  @Bean
  StandardStreams standardStreams() {
    return new StandardStreams(
        new FileInputStream(FileDescriptor.in),
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err));
  }

  @Bean
  Start start(ApplicationArguments arguments) {
    CommandLine line = CommandLine.parse(List.of(arguments.getSourceArgs()));
    if (line.command() != null || line.problem() != null) {
      return new Start(line, Source.ARGUMENTS);
    }
    boolean terminal =
        StandardStreams.isTerminal(SystemStream.Input)
            && StandardStreams.isTerminal(SystemStream.Output);
    return new Start(line, terminal ? Source.TERMINAL : Source.PIPE);
  }

  @Bean
  Utf8LineReader standardInput(StandardStreams streams) {
    return new Utf8LineReader(streams.in(), StandardStreams.isTerminal(SystemStream.Input));
  }

  /** Returns the commands' input, which is never the pipe that contains the commands. */
  @Bean
  Input input(
      Start start,
      ObjectProvider<Utf8LineReader> standardInput,
      ObjectProvider<LineReader> reader) {
    return switch (start.source()) {
      case ARGUMENTS -> standardInput.getObject();
      case PIPE -> new NoInput();
      case TERMINAL -> new TerminalInput(reader);
    };
  }

  /** Resolves the reader lazily: it completes the commands, which need the output. */
  @Bean
  Output output(
      Start start,
      StandardStreams streams,
      ObjectProvider<Terminal> terminal,
      ObjectProvider<LineReader> reader) {
    if (start.source() != Source.TERMINAL) {
      var err = new PrintStream(streams.err(), true, UTF_8);
      boolean shown = StandardStreams.isTerminal(SystemStream.Output);
      var output = new Output(streams.out(), shown, err::println, UnaryOperator.identity());
      Runtime.getRuntime().addShutdownHook(new Thread(output::interrupted));
      return output;
    }
    Terminal screen = terminal.getObject();
    UnaryOperator<String> alarm =
        error -> new AttributedString(error, DEFAULT.foreground(RED)).toAnsi(screen);
    // Print above the line being typed.
    return new Output(
        screen.output(),
        true,
        text -> reader.getObject().printAbove(text),
        TerminalShell.useColours() ? alarm : UnaryOperator.identity());
  }

  /** Registers the command beans; Spring Shell's own registry also scans for annotations. */
  @Bean
  CommandRegistry commandRegistry(List<Command> commands) {
    return new CommandRegistry(new HashSet<>(commands));
  }

  /** Checks the settings at every start, even if the command does not need them. */
  @Bean
  static LazyInitializationExcludeFilter checkSettings() {
    return LazyInitializationExcludeFilter.forBeanTypes(
        AuthenticationProperties.class, GreeterProperties.class);
  }

  /** Returns a terminal with UTF-8, like the rest of the program, regardless of the locale. */
  @Bean
  Terminal terminal() throws IOException {
    // Since Java 25, JLine uses the locale's encoding for standard input by default.
    return TerminalBuilder.builder()
        .encoding(UTF_8)
        .stdinEncoding(UTF_8)
        .stdoutEncoding(UTF_8)
        .systemOutput(SystemOutput.SysOut)
        .build();
  }

  /**
   * Edits and completes lines, verbatim: Spring Shell's parser asks for more input after an
   * apostrophe.
   */
  @Bean
  LineReader lineReader(Terminal terminal, CommandRegistry commands) {
    return LineReaderBuilder.builder()
        .terminal(terminal)
        .parser(new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]))
        .completer(new OptionCompleter(commands))
        .highlighter(new CommandHighlighter(commands))
        // The Tab key also completes at the start of a line.
        .option(LineReader.Option.INSERT_TAB, false)
        .build();
  }

  private static final class NoInput implements Input {

    @Override
    public @Nullable String read(String prompt) {
      throw new UsageException(
          "Standard input contains the commands. Give the names as arguments.");
    }

    @Override
    public boolean isTerminal() {
      return false;
    }
  }

  /**
   * Reads a command's input from the terminal, with line editing but without history, completion
   * and colours, which are for commands.
   */
  private record TerminalInput(ObjectProvider<LineReader> readers) implements Input {

    /**
     * Reads a line.
     *
     * @return the line; null for Ctrl-D
     * @throws org.jline.reader.UserInterruptException for Ctrl-C
     */
    @Override
    public @Nullable String read(String prompt) {
      LineReader reader = readers.getObject();
      boolean plain = reader.isSet(LineReader.Option.DISABLE_HIGHLIGHTER);
      set(reader, true, true);
      try {
        return reader.readLine(prompt);
      } catch (EndOfFileException e) {
        return null;
      } finally {
        set(reader, false, plain);
      }
    }

    @Override
    public boolean isTerminal() {
      return true;
    }

    private static void set(LineReader reader, boolean disabled, boolean plain) {
      reader.setVariable(LineReader.DISABLE_HISTORY, disabled);
      reader.setVariable(LineReader.DISABLE_COMPLETION, disabled);
      reader.option(LineReader.Option.DISABLE_HIGHLIGHTER, plain);
    }
  }
}
