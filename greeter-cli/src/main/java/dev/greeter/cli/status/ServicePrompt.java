package dev.greeter.cli.status;

import static org.jline.utils.AttributedStyle.DEFAULT;
import static org.jline.utils.AttributedStyle.GREEN;
import static org.jline.utils.AttributedStyle.RED;

import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.Targets;
import dev.greeter.cli.error.UsageException;
import java.time.Duration;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.springframework.stereotype.Component;

/** The shell's prompt: which service the commands call, and whether it answers. */
@Component
public class ServicePrompt {

  /** How long the prompt may be late. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final HealthCheck healthCheck;
  private final Targets targets;

  /**
   * Creates it.
   *
   * @param healthCheck asks the service
   * @param targets knows the service
   */
  public ServicePrompt(HealthCheck healthCheck, Targets targets) {
    this.healthCheck = healthCheck;
    this.targets = targets;
  }

  /** Asks the service, and returns the prompt that tells the answer: {@code up} or {@code down}. */
  public AttributedString text() {
    Target usual = targets.standard();
    boolean up = isUp(usual.within(PATIENCE));
    return new AttributedStringBuilder()
        .append(usual.server() + " ")
        .styled(DEFAULT.foreground(up ? GREEN : RED), up ? "up" : "down")
        .append(" greeter> ")
        .toAttributedString();
  }

  private boolean isUp(Target target) {
    try {
      HealthCheck.Answer answer = healthCheck.ask(target);
      return answer.answered() && !answer.refuses();
    } catch (UsageException e) {
      // The settings allow no call to it; every command says so.
      return false;
    }
  }
}
