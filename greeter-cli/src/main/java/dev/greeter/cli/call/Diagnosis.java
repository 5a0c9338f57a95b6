package dev.greeter.cli.call;

import com.google.common.base.CharMatcher;
import com.google.common.base.Throwables;
import dev.greeter.cli.console.CallException;
import dev.greeter.cli.console.Printable;
import dev.greeter.cli.option.StartOptions;
import dev.greeter.cli.option.StartOptions.Setting;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Explains why a call failed and suggests one remedy. If gRPC's status does not show the cause, it
 * probes the connection and TLS directly.
 */
@Component
public class Diagnosis {

  /** The statuses of a call that no gRPC server answered; other protocols cause INTERNAL. */
  private static final Set<Code> UNANSWERED =
      Set.of(Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELLED, Code.INTERNAL, Code.UNKNOWN);

  private static final String NO_GRPC =
      "The server at %s does not speak gRPC. Check the port: greeter-service listens on 50051.";

  private static final Pattern LAST_ATTEMPT =
      Pattern.compile("(?s)Last Pick Failure=.*?cause=[\\w.$]+: ([^}\\n]*)");

  private final Environment environment;
  private final Channels channels;

  Diagnosis(Environment environment, Channels channels) {
    this.environment = environment;
    this.channels = channels;
  }

  /** Returns whether a gRPC server answered, even if it rejected the call. */
  public static boolean isAnswered(Status status) {
    return !UNANSWERED.contains(status.getCode());
  }

  /**
   * Explains a failure.
   *
   * @param failure the exception from a stub
   * @param target the called service
   * @param probe whether to connect to the server again if gRPC's status does not show the cause
   */
  public CallException explain(Throwable failure, Target target, boolean probe) {
    Status status = Status.fromThrowable(failure);
    String probed = probe && needsProbe(status) ? probed(status, target) : null;
    String message =
        probed == null ? message(status, target, StatusDetails.retrySeconds(failure)) : probed;
    return new CallException(status, message, StatusDetails.fields(failure));
  }

  private String message(Status status, Target target, long retrySeconds) {
    String server = target.server().toString();
    String reason = reason(status);
    return switch (status.getCode()) {
      case UNAUTHENTICATED ->
          status.getCause() instanceof SecurityException
              ? ("Refusing to send the secret to %s unencrypted."
                      + " Use --tls, or --plaintext on a network that you trust.")
                  .formatted(server)
              : "The service at %s refused the secret: %s. %s"
                  .formatted(server, reason, secretAdvice());
      case PERMISSION_DENIED ->
          ("The service at %s denied the call: %s."
                  + " Ask its operator to permit it, or use another secret.")
              .formatted(server, reason);
      case UNAVAILABLE -> unavailable(status, target);
      case DEADLINE_EXCEEDED -> late(status, target);
      case INVALID_ARGUMENT ->
          "The service at %s refused the name: %s. Fix the name and try again."
              .formatted(server, reason);
      case RESOURCE_EXHAUSTED -> exhausted(server, reason, retrySeconds);
      case CANCELLED ->
          Context.current().isCancelled()
              ? "The call to %s was cancelled.".formatted(server)
              : "The service at %s ended the call: %s. Try again.".formatted(server, reason);
      case UNIMPLEMENTED ->
          "The server at %s has no service tutorial.Greeter. Check the port in %s."
              .formatted(server, target.source());
      default ->
          "The call to %s failed with %s: %s. Run status, or check the service's log."
              .formatted(server, status.getCode(), reason);
    };
  }

  private String secretAdvice() {
    Setting secret = StartOptions.secret(environment);
    return secret == null
        ? "No secret is set, so the default, 42, was sent. Set GREETER_AUTH_VALUE."
        : "Check " + secret.source() + ".";
  }

  private static String exhausted(String server, String reason, long retrySeconds) {
    if (retrySeconds > 0) {
      return "The service at %s is not accepting calls: %s. Try again in %d s."
          .formatted(server, reason, retrySeconds);
    }
    return reason.contains("maximum size")
        ? "The name is too long for the service at %s: %s. Shorten it.".formatted(server, reason)
        : "The service at %s is not accepting calls: %s. Try again later."
            .formatted(server, reason);
  }

  private static String unavailable(Status status, Target target) {
    Throwable cause = status.getCause();
    if (cause == null) {
      // There was a connection, so the service or its shutdown caused this.
      String reason = reason(status);
      return reason.contains("is stopping")
          ? "The service at %s is shutting down; try again.".formatted(target.server())
          : "The service at %s is not accepting calls: %s. Try again."
              .formatted(target.server(), reason);
    }
    List<Throwable> causes = Throwables.getCausalChain(cause);
    Throwable root = causes.get(causes.size() - 1);
    if (causes.stream().anyMatch(SSLException.class::isInstance)) {
      return tls(root, target);
    }
    if (causes.stream().anyMatch(UnknownHostException.class::isInstance)) {
      return "Unknown host %s. Check %s.".formatted(target.server().getHost(), target.source());
    }
    return "Cannot connect to %s: %s. Start the service, or check %s."
        .formatted(target.server(), network(root.getMessage()), target.source());
  }

  private static String tls(Throwable root, Target target) {
    String reason = sentence(String.valueOf(root.getMessage()));
    String text;
    if (root instanceof NotSslRecordException) {
      return noTls(target);
    } else if (root instanceof CertificateExpiredException
        || root instanceof CertificateNotYetValidException) {
      text = "The certificate of %s is out of date: %s. Renew it.";
    } else if (root instanceof CertPathBuilderException
        || root instanceof CertPathValidatorException) {
      text = "No CA that this client trusts signed the certificate of %s: %s. Check --cacert.";
    } else if (root instanceof CertificateException) {
      text = "The certificate of %s is for other names: %s. Use --authority with its name.";
    } else if (reason.contains("Received fatal alert: ") && reason.contains("certificate")) {
      text = "The service at %s refused this client's certificate: %s. Use --cert and --key.";
    } else {
      text = "TLS with the server at %s failed: %s. Check the port.";
    }
    return text.formatted(target.server(), reason);
  }

  private static String noTls(Target target) {
    return "The server at %s does not use TLS. Use --plaintext, or check the port."
        .formatted(target.server());
  }

  /** For a call that waited for a connection, gRPC includes why the last attempt failed. */
  private static String late(Status status, Target target) {
    // PT1M30S
    String timeout = target.timeout().toString().substring(2).toLowerCase(Locale.ROOT);
    if (!target.waits()) {
      return "The service at %s did not answer within %s. Allow more time with --timeout."
          .formatted(target.server(), timeout);
    }
    Matcher attempt = LAST_ATTEMPT.matcher(String.valueOf(status.getDescription()));
    String reason = attempt.find() ? ": " + network(attempt.group(1)) : "";
    return "No service answered at %s within %s%s. Start it, or check %s."
        .formatted(target.server(), timeout, reason, target.source());
  }

  /** Errors of connecting, name lookup and TLS already show the cause. */
  private boolean needsProbe(Status status) {
    return !isAnswered(status)
        && Throwables.getCausalChain(status.asException()).stream()
            .noneMatch(
                cause ->
                    cause instanceof ConnectException
                        || cause instanceof UnknownHostException
                        || cause instanceof SSLException)
        && !Context.current().isCancelled();
  }

  private @Nullable String probed(Status status, Target target) {
    boolean tls = channels.useTls();
    String text =
        switch (TlsProbe.ask(target.server(), target.timeout())) {
          case TLS -> tls ? null : "The server at %s requires TLS. Use --tls, or check the port.";
          case HTTP2 -> tls ? noTls(target) : null;
          case OTHER -> tls ? noTls(target) : NO_GRPC;
          case SILENCE ->
              switch (status.getCode()) {
                case DEADLINE_EXCEEDED ->
                    "The server at %s accepts connections but does not answer. Check its log.";
                case INTERNAL -> NO_GRPC; // It answered gRPC, but waits for more TLS data.
                default -> null;
              };
          case UNREACHABLE -> null;
        };
    return text == null ? null : text.formatted(target.server());
  }

  /** Returns the description and the network's reason: "io exception: Connection refused". */
  private static String reason(Status status) {
    String description = status.getDescription();
    Throwable cause = status.getCause();
    String detail = cause == null ? null : cause.getMessage();
    String text =
        Stream.of(description, detail).filter(Objects::nonNull).collect(Collectors.joining(": "));
    return text.isEmpty() ? "no reason given" : sentence(text);
  }

  /** Returns the reason for a failed connection without Java's address format. */
  private static String network(@Nullable String message) {
    String reason = String.valueOf(message).replaceFirst(": [^ ]+$", "");
    return Printable.of(reason).toLowerCase(Locale.ROOT);
  }

  /** Returns a printable text without trailing punctuation. */
  private static String sentence(String text) {
    return Printable.of(CharMatcher.anyOf(".!").trimTrailingFrom(text));
  }
}
