package dev.greeter.cli.command;

import com.google.common.collect.ImmutableMap;
import dev.greeter.cli.console.ExitCode;
import dev.greeter.cli.console.Output;
import java.io.IOException;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.stereotype.Component;

/**
 * The command {@code version}. Spring Shell 4.0.1 has its own, but its auto-configuration slows
 * every command's start.
 */
@Component
final class VersionCommand extends GreeterCommand {

  private final Output output;

  VersionCommand(Output output) {
    super("version", "Show the version and the commit", "", 0, "Shows version and commit.\n");
    this.output = output;
  }

  @Override
  protected int run(List<String> arguments, CommandContext context) throws IOException {
    // Written by the build; missing if built outside a Git repository.
    var file = new ClassPathResource("git.properties");
    var build = file.exists() ? PropertiesLoaderUtils.loadProperties(file) : new Properties();
    String version = known(VersionCommand.class.getPackage().getImplementationVersion());
    String commit = known(build.getProperty("git.commit.id.abbrev"));
    output.result(
        "Version: %s%nCommit: %s".formatted(version, commit),
        ImmutableMap.of("version", version, "commit", commit));
    return ExitCode.OK;
  }

  private static String known(@Nullable String text) {
    return text == null ? "unknown" : text;
  }
}
