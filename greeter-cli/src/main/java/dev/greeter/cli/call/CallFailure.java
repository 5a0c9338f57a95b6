package dev.greeter.cli.call;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import dev.greeter.cli.console.Printable;
import dev.greeter.cli.error.CallException;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.util.Objects;

/** Says in plain words why a call failed, and what to do. */
public final class CallFailure {

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
    long seconds = status.getCode() == Code.RESOURCE_EXHAUSTED ? retrySeconds(failure) : 0;
    return seconds <= 0
        ? of(status, target)
        : new CallException(
            status,
            """
            The service at %s takes no call for now: %s
            Try again in %d s.\
            """
                .formatted(target.server(), describe(status), seconds));
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
    String server = target.server().toString();
    String message =
        switch (status.getCode()) {
          case UNAUTHENTICATED ->
              """
              The service at %s refused the secret: %s
              Set GREETER_AUTH_VALUE, and GREETER_AUTH_HEADER if it differs, to what the service has.\
              """
                  .formatted(server, describe(status));
          case UNAVAILABLE -> unavailable(status, server);
          case DEADLINE_EXCEEDED ->
              """
              The service at %s did not answer within %s.
              Check the address, or allow more time with --timeout or GREETER_TIMEOUT.\
              """
                  .formatted(server, seconds(target));
          case INVALID_ARGUMENT ->
              """
              The service at %s refused the request: %s
              Change the request; sent again as it is, it fails again.\
              """
                  .formatted(server, describe(status));
          case CANCELLED ->
              Context.current().isCancelled()
                  ? "The call to %s was cancelled.".formatted(server)
                  : """
                  The service at %s broke the call off: %s
                  It may be stopping: try again, or have the command status look.\
                  """
                      .formatted(server, describe(status));
          default ->
              """
              The call to %s failed with %s: %s
              The command status looks for the reason; the log of the service may say more.\
              """
                  .formatted(server, status.getCode(), describe(status));
        };
    return new CallException(status, message);
  }

  /** The delay that the service asks for, rounded up to seconds, or 0 if it names none. */
  private static long retrySeconds(Throwable failure) {
    try {
      // Null for what carries no status; it has no code either.
      var status = Objects.requireNonNull(StatusProto.fromThrowable(failure));
      for (Any detail : status.getDetailsList()) {
        if (detail.is(RetryInfo.class)) {
          Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          return delay.getSeconds() + (delay.getNanos() > 0 ? 1 : 0);
        }
      }
    } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
      // Details that nobody can read say nothing; what the status says is told all the same.
    }
    return 0;
  }

  private static String unavailable(Status status, String server) {
    if (status.getCause() == null) {
      // There was a connection: the service, or the end of it, says so.
      return """
      The service at %s takes no calls now: %s
      It may be stopping: try again, or have the command status look.\
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

  private static String seconds(Target target) {
    return target.timeout().toMillis() / 1000.0 + " s";
  }
}
