package dev.greeter.cli.shell;

import java.io.IOException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.shell.core.command.AbstractCommand;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/**
 * The command {@code version}. Spring Shell 4.0.1 has one, but it takes auto-configuration that
 * costs every command's start.
 */
@Component
final class VersionCommand extends AbstractCommand {

  private static final String HELP = "version\nTells the version of this program, and its commit.";

  VersionCommand() {
    super("version", "Tell the version and the commit", "Shell", HELP, false);
  }

  @Override
  public ExitStatus doExecute(CommandContext context) throws IOException {
    println("Version: " + known(getClass().getPackage().getImplementationVersion()), context);
    println("Commit: " + known(build().getProperty("git.commit.id.abbrev")), context);
    return ExitStatus.OK;
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
