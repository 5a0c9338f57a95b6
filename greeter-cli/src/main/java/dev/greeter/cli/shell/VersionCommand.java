package dev.greeter.cli.shell;

import com.google.common.collect.ImmutableMap;
import dev.greeter.cli.command.GreeterCommand;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.console.Session;
import java.io.IOException;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/**
 * The command {@code version}. Spring Shell 4.0.1 has one, but it takes auto-configuration that
 * costs every command's start.
 */
@Component
final class VersionCommand extends GreeterCommand {

  private static final Manual MANUAL =
      new Manual(
          "version",
          "Shell",
          "Tell the version and the commit",
          """
          version
          Tells the version of this program, and its commit.
          """,
          "  version --output json");

  VersionCommand(Session session) {
    super(MANUAL, session, List.of());
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws IOException {
    String version = number();
    String commit = known(build().getProperty("git.commit.id.abbrev"));
    output(context)
        .result(
            "Version: %s%nCommit: %s".formatted(version, commit),
            ImmutableMap.of("version", version, "commit", commit));
    return ExitStatus.OK;
  }

  /** Returns the version of the program; unknown, if it does not run from its jar. */
  static String number() {
    return known(VersionCommand.class.getPackage().getImplementationVersion());
  }

  /** What the build has noted; nothing, if there was no repository. */
  private static Properties build() throws IOException {
    var notes = new ClassPathResource("git.properties");
    return notes.exists() ? PropertiesLoaderUtils.loadProperties(notes) : new Properties();
  }

  private static String known(@Nullable String text) {
    return text == null ? "unknown" : text;
  }
}
