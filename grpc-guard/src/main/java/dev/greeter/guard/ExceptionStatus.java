package dev.greeter.guard;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a failed call ends.
 *
 * @param status what the caller is told
 * @param trailers metadata beside it, such as error details
 */
record ExceptionStatus(Status status, Metadata trailers) {

  private static final Logger log = LoggerFactory.getLogger(ExceptionStatus.class);

  /** Maps what a handler threw, as {@link Guard} says; what is ours is logged. */
  static ExceptionStatus of(Throwable failure) {
    ExceptionStatus answer = answerOf(failure);
    if (answer != null) {
      return answer;
    }
    log.error("A handler failed", failure);
    return new ExceptionStatus(Status.INTERNAL.withDescription("Internal error"), new Metadata());
  }

  /** Returns whether a failure is neither a handler's own answer nor the caller's fault. */
  static boolean isOurs(Throwable failure) {
    return answerOf(failure) == null;
  }

  private static @Nullable ExceptionStatus answerOf(Throwable failure) {
    if (failure.getCause() instanceof InvalidProtocolBufferException malformed) {
      return invalid("The request is no valid message: " + malformed.getMessage());
    }
    if (failure instanceof StatusRuntimeException e) {
      return new ExceptionStatus(e.getStatus(), orEmpty(e.getTrailers()));
    }
    if (failure instanceof StatusException e) {
      return new ExceptionStatus(e.getStatus(), orEmpty(e.getTrailers()));
    }
    return failure instanceof IllegalArgumentException ? invalid(failure.getMessage()) : null;
  }

  private static ExceptionStatus invalid(@Nullable String description) {
    return new ExceptionStatus(
        Status.INVALID_ARGUMENT.withDescription(description), new Metadata());
  }

  private static Metadata orEmpty(@Nullable Metadata trailers) {
    return trailers == null ? new Metadata() : trailers;
  }
}
