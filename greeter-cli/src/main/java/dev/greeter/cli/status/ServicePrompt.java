package dev.greeter.cli.status;

import static org.jline.utils.AttributedStyle.DEFAULT;
import static org.jline.utils.AttributedStyle.GREEN;
import static org.jline.utils.AttributedStyle.RED;

import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.Targets;
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
    HealthCheck.Answer answer =
        healthCheck.ask(new Target(usual.server(), PATIENCE, usual.headers()));
    boolean up = answer.answered() && !answer.refuses();
    return new AttributedStringBuilder()
        .append(usual.server() + " ")
        .styled(DEFAULT.foreground(up ? GREEN : RED), up ? "up" : "down")
        .append(" greeter> ")
        .toAttributedString();
  }
}
