package dev.greeter.cli.command;

import static com.google.common.util.concurrent.MoreExecutors.directExecutor;

import dev.greeter.cli.call.Channels;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.console.CallException;
import dev.greeter.cli.console.ExitCode;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.option.Option;
import dev.greeter.guard.Client;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.stereotype.Component;

/** The command {@code status}: shows whether greetings would work, and if not, why. */
@Component
final class StatusCommand extends GreeterCommand {

  private static final Metadata.Key<String> CLIENT =
      Metadata.Key.of("greeter-client", Metadata.ASCII_STRING_MARSHALLER);
  private static final int INTERVAL_SECONDS = 2;

  private final HealthCheck healthCheck;
  private final GreeterClient client;
  private final Channels channels;
  private final Output output;

  StatusCommand(HealthCheck healthCheck, GreeterClient client, Channels channels, Output output) {
    super(
        "status",
        "Show whether greetings would work, and if not, why",
        "",
        0,
        """
        Requests the service's health and a greeting. The exit code is 0 only if greetings would
        work.

        Examples:
          status                            run this first when something fails
          status --watch                    print a line now and at each change
          status --output json              {"server":"localhost:50051",...}
        """,
        Option.WATCH);
    this.healthCheck = healthCheck;
    this.client = client;
    this.channels = channels;
    this.output = output;
  }

  private record Finding(
      Map<String, Object> fields, double millis, @Nullable CallException failure) {}

  @Override
  protected int run(List<String> arguments, CommandContext context) throws InterruptedException {
    Target target = client.target(context);
    if (has(Option.WATCH, context)) {
      watch(target);
      return ExitCode.OK;
    }
    Finding finding = look(target);
    Map<String, Object> fields = finding.fields();
    String text =
        fields.entrySet().stream()
            .map(field -> "%-10s  %s".formatted(field.getKey(), field.getValue()))
            .collect(Collectors.joining("\n"));
    if (finding.millis() > 0) {
      fields.put("roundTripMillis", finding.millis());
      text += "\nround trip  %s ms".formatted(finding.millis());
    }
    output.result(text, fields);
    if (finding.failure() != null) {
      throw finding.failure();
    }
    return ExitCode.OK;
  }

  /** Checks until the user cancels the command, and prints each change. */
  private void watch(Target target) throws InterruptedException {
    var cancelled = new CountDownLatch(1);
    Context.current().addListener(context -> cancelled.countDown(), directExecutor());
    String last = "";
    do {
      Finding finding = look(target);
      Map<String, Object> fields = finding.fields();
      String now = "%s, secret %s".formatted(fields.get("health"), fields.get("secret"));
      if (finding.failure() != null) {
        now = String.valueOf(finding.failure().getMessage());
        fields.put("message", now);
      }
      if (!now.equals(last) && cancelled.getCount() > 0) {
        last = now;
        String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        fields.put("time", time);
        output.result(time + "  " + now, fields);
      }
    } while (output.isWritable() && !cancelled.await(INTERVAL_SECONDS, TimeUnit.SECONDS));
  }

  private Finding look(Target target) {
    HealthCheck.Answer answer = healthCheck.ask(target);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("server", target.server().toString());
    fields.put("security", channels.useTls() ? "TLS" : "plaintext");
    fields.put("health", answer.health());
    if (answer.peer() != null) {
      fields.put("address", answer.peer());
    }
    if (answer.failure() != null && !answer.isAnswered()) {
      return new Finding(fields, 0, client.explain(answer.failure(), target, true));
    }
    // Only a call that needs the secret can prove it.
    var headers = new AtomicReference<Metadata>();
    CallException failure = null;
    try {
      var trailers = new AtomicReference<Metadata>();
      client.greet(
          "status", target, MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
    } catch (CallException e) {
      failure = e;
    }
    fields.put("secret", secret(failure));
    // The service's name for this client; an invalid name is not printed.
    Optional.ofNullable(headers.get())
        .map(sent -> sent.get(CLIENT))
        .filter(Client::isName)
        .ifPresent(name -> fields.put("client", name));
    boolean unavailable = failure == null || failure.status().getCode() == Code.UNAVAILABLE;
    if (answer.isNotServing() && unavailable) {
      String text =
          "The service at %s reports NOT_SERVING. Wait for its replacement, or check its log."
              .formatted(target.server());
      failure = new CallException(Status.UNAVAILABLE, text, Map.of());
    }
    // Measure again: the first check included opening the connection.
    double millis = healthCheck.ask(target).roundTrip().toNanos() / 1000 / 1e3;
    return new Finding(fields, millis, failure);
  }

  private static String secret(@Nullable CallException failure) {
    Code code = failure == null ? Code.OK : failure.status().getCode();
    return switch (code) {
      case OK, INVALID_ARGUMENT, PERMISSION_DENIED -> "accepted";
      case UNAUTHENTICATED -> "refused";
      default -> "unknown";
    };
  }
}
