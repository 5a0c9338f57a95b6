package dev.greeter.cli.status;

import static com.google.common.util.concurrent.MoreExecutors.directExecutor;

import dev.greeter.cli.call.CallCommand;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.call.Targets;
import dev.greeter.cli.command.Manual;
import dev.greeter.cli.command.Option;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.Session;
import dev.greeter.cli.error.CallException;
import dev.greeter.cli.greeting.GreeterClient;
import dev.greeter.guard.Client;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.jspecify.annotations.Nullable;
import org.springframework.shell.core.command.CommandContext;
import org.springframework.shell.core.command.ExitStatus;
import org.springframework.stereotype.Component;

/** The command {@code status}: tells whether greetings would work, and if not, why. */
@Component
final class StatusCommand extends CallCommand {

  private static final Manual MANUAL =
      new Manual(
          "status",
          "Greetings",
          "Tell whether greetings would work, and if not, why",
          """
          status [OPTION...]
          Tells whether greetings would work, by asking for the service's health and for a greeting.
          If they would not it says why and what to do; the exit code is 0 only if they would.
          """,
          """
            status                            the first thing to run when something fails
            status --server localhost:50052   of another service
            status --watch                    a line now, and for each change
            status --output json              {"server":"localhost:50051",...}\
          """);

  private static final Metadata.Key<String> CLIENT =
      Metadata.Key.of("greeter-client", Metadata.ASCII_STRING_MARSHALLER);

  private static final String ROUND_TRIP = "roundTripMillis";
  private static final int INTERVAL_SECONDS = 2;

  private final HealthCheck healthCheck;
  private final GreeterClient client;
  private final GrpcChannelsProperties channels;

  StatusCommand(
      HealthCheck healthCheck,
      GreeterClient client,
      GrpcChannelsProperties channels,
      Targets targets,
      Session session) {
    super(MANUAL, targets, session, Option.flag("watch", "tell each change, until Ctrl-C"));
    this.healthCheck = healthCheck;
    this.client = client;
    this.channels = channels;
  }

  private record Finding(Map<String, Object> fields, @Nullable CallException failure) {}

  @Override
  public ExitStatus doExecute(CommandContext context) throws InterruptedException {
    Target target = target(context);
    Output output = output(context);
    if (has("watch", context)) {
      watch(target, output);
      return ExitStatus.OK;
    }
    Finding finding = look(target);
    output.result(text(finding.fields()), finding.fields());
    if (finding.failure() != null) {
      throw finding.failure();
    }
    return ExitStatus.OK;
  }

  /** Looks until the user cancels the command, and tells what differs from the last time. */
  private void watch(Target target, Output output) throws InterruptedException {
    var cancelled = new CountDownLatch(1);
    Context.current().addListener(context -> cancelled.countDown(), directExecutor());
    String last = "";
    do {
      Finding finding = look(target);
      Map<String, Object> fields = finding.fields();
      fields.remove(ROUND_TRIP);
      if (finding.failure() != null) {
        fields.put("message", String.valueOf(finding.failure().getMessage()));
      }
      String now = line(fields);
      if (!now.equals(last)) {
        last = now;
        String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        fields.put("time", time);
        output.result(time + "  " + now, fields);
      }
    } while (output.works() && !cancelled.await(INTERVAL_SECONDS, TimeUnit.SECONDS));
  }

  private static String line(Map<String, Object> fields) {
    Object message = fields.get("message");
    return message == null
        ? fields.get("health") + ", secret " + fields.get("secret")
        : message.toString().lines().findFirst().orElse("");
  }

  private Finding look(Target target) {
    boolean tls = channels.getGlobalChannel().getNegotiationType() == NegotiationType.TLS;
    HealthCheck.Answer answer = healthCheck.ask(target);
    var headers = new AtomicReference<Metadata>();
    @Nullable CallException failure =
        answer.answered()
            ? tryGreeting(target, answer, headers)
            : Diagnosis.of(answer.status(), target, tls);

    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("server", target.server().toString());
    fields.put("security", tls ? "TLS" : "plaintext");
    fields.put("health", answer.health());
    if (answer.peer() != null) {
      fields.put("address", answer.peer());
    }
    if (answer.answered()) {
      fields.put("secret", secret(failure));
      client(headers.get()).ifPresent(name -> fields.put("client", name));
      // Again: the first one has opened the connection.
      fields.put(ROUND_TRIP, healthCheck.ask(target).roundTrip().toNanos() / 1000 / 1e3);
    }
    return new Finding(fields, failure);
  }

  /** The only proof of a secret is a call that needs it. */
  private @Nullable CallException tryGreeting(
      Target target, HealthCheck.Answer answer, AtomicReference<Metadata> headers) {
    try {
      client.greet(
          "status",
          target,
          MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()));
    } catch (CallException e) {
      Status.Code code = e.status().getCode();
      if (code != Status.Code.UNAVAILABLE || !answer.refuses()) {
        return code == Status.Code.UNIMPLEMENTED ? noGreeter(e, target) : e;
      }
    }
    if (!answer.refuses()) {
      return null;
    }
    return new CallException(
        Status.UNAVAILABLE,
        """
        The service at %s says that it takes no calls (NOT_SERVING).
        It may be stopping: wait for its successor, or look into its log.\
        """
            .formatted(target.server()));
  }

  private static CallException noGreeter(CallException failure, Target target) {
    return new CallException(
        failure.status(),
        """
        The server at %s has no service tutorial.Greeter.
        Check the port, with --server host:port or GREETER_SERVER; a greeter-service has 50051.\
        """
            .formatted(target.server()));
  }

  private static String secret(@Nullable CallException failure) {
    Status.Code code = failure == null ? Status.Code.OK : failure.status().getCode();
    return switch (code) {
      case OK, INVALID_ARGUMENT -> "accepted";
      case UNAUTHENTICATED -> "refused";
      default -> "unknown";
    };
  }

  /** Returns as whom the service knows this client, if it says so; nothing else is printed. */
  private static Optional<String> client(@Nullable Metadata headers) {
    return Optional.ofNullable(headers).map(sent -> sent.get(CLIENT)).filter(Client::isName);
  }

  private static String text(Map<String, ?> fields) {
    return fields.entrySet().stream()
        .map(
            field ->
                field.getKey().equals(ROUND_TRIP)
                    ? "round trip  %s ms".formatted(field.getValue())
                    : "%-10s  %s".formatted(field.getKey(), field.getValue()))
        .collect(Collectors.joining("\n"));
  }
}
