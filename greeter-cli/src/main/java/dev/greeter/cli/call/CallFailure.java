package dev.greeter.cli.call;

import com.google.protobuf.Any;
import dev.greeter.cli.console.Printable;
import dev.greeter.cli.error.CallException;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in plain words why a call failed, and what to do. */
public final class CallFailure {

  private static final Pattern LAST_ATTEMPT =
      Pattern.compile("(?s)Last Pick Failure=.*?cause=[\\w.$]+: ([^}\\n]*)");

  private CallFailure() {}

  /**
   * Tells a failure, and when to come back if the service says so ({@code google.rpc.RetryInfo}).
   *
   * @param failure what a stub has thrown
   * @param target which service was called
   * @return the failure, with a message for the user of two lines
   */
  public static CallException of(Throwable failure, Target target) {
    Status status = Status.fromThrowable(failure);
    List<Any> details = StatusDetails.of(failure);
    long seconds =
        status.getCode() == Code.RESOURCE_EXHAUSTED ? StatusDetails.retrySeconds(details) : 0;
    String message =
        seconds <= 0
            ? message(status, target)
            : """
              The service at %s takes no call for now: %s
              Try again in %d s.\
              """
                .formatted(target.server(), describe(status), seconds);
    return new CallException(status, message, () -> StatusDetails.fields(details));
  }

  /**
   * Tells a failure. Of a cancelled call it is the user's doing if the current context is
   * cancelled.
   *
   * @param status how the call ended
   * @param target which service was called
   * @return the failure, with a message for the user of two lines
   */
  public static CallException of(Status status, Target target) {
    return new CallException(status, message(status, target));
  }

  private static String message(Status status, Target target) {
    String server = target.server().toString();
    return switch (status.getCode()) {
      case UNAUTHENTICATED ->
          status.getCause() instanceof SecurityException notSent
              ? """
              %s.
              Use TLS (GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE=tls), or set GREETER_AUTH_ALLOW_PLAINTEXT=true \
              on a network that you trust.\
              """
                  .formatted(notSent.getMessage())
              : """
              The service at %s refused the secret: %s
              Set GREETER_AUTH_VALUE, and GREETER_AUTH_HEADER if it differs, to what the service has.\
              """
                  .formatted(server, describe(status));
      case UNAVAILABLE -> unavailable(status, server);
      case DEADLINE_EXCEEDED -> late(status, target);
      case INVALID_ARGUMENT ->
          """
              The service at %s refused the request: %s
              Change the request: unchanged, it will fail again.\
              """
              .formatted(server, describe(status));
      case CANCELLED ->
          Context.current().isCancelled()
              ? "The call to %s was cancelled.".formatted(server)
              : """
                  The service at %s ended the call: %s
                  It may be stopping: try again, or run status to find out.\
                  """
                  .formatted(server, describe(status));
      default ->
          """
              The call to %s failed with %s: %s
              Run status to find the reason; the service's log may say more.\
              """
              .formatted(server, status.getCode(), describe(status));
    };
  }

  private static String unavailable(Status status, String server) {
    if (status.getCause() == null) {
      // There was a connection: the service, or the end of it, says so.
      return """
      The service at %s accepts no calls now: %s
      It may be stopping: try again, or run status to find out.\
      """
          .formatted(server, describe(status));
    }
    String tlsFailure = TlsFailure.of(status.getCause(), server);
    return tlsFailure == null
        ? """
          No service answers at %s: %s
          Start it, or name another with --server host:port or GREETER_SERVER.\
          """
            .formatted(server, describe(status))
        : tlsFailure;
  }

  /** The description, and the reason that the network gives: "io exception: Connection refused". */
  private static String describe(Status status) {
    return Printable.of(reason(status));
  }

  private static String reason(Status status) {
    String description = status.getDescription();
    Throwable cause = status.getCause();
    if (cause == null || cause.getMessage() == null) {
      return description == null ? "no reason given" : description;
    }
    return description == null ? cause.getMessage() : description + ": " + cause.getMessage();
  }

  /** Of a call that has waited for a connection, gRPC says why the last attempt came to nothing. */
  private static String late(Status status, Target target) {
    String server = target.server().toString();
    String timeout = text(target.timeout());
    if (!target.waits()) {
      return """
      The service at %s did not answer within %s.
      Check the address, or allow more time with --timeout or GREETER_TIMEOUT.\
      """
          .formatted(server, timeout);
    }
    Matcher attempt = LAST_ATTEMPT.matcher(String.valueOf(status.getDescription()));
    String reason = attempt.find() ? ": " + Printable.of(attempt.group(1)) : ".";
    return """
    No service answered at %s within %s%s
    Start it, name another with --server, or run status to find the reason.\
    """
        .formatted(server, timeout, reason);
  }

  /** A duration in the largest unit that leaves no zero in front, of which 1.5 s is none. */
  private static String text(Duration duration) {
    double micros = duration.toNanos() / 1e3;
    if (micros >= 1e6) {
      return number(micros / 1e6) + " s";
    }
    return micros >= 1e3 ? number(micros / 1e3) + " ms" : number(micros) + " us";
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value)
        .setScale(3, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
