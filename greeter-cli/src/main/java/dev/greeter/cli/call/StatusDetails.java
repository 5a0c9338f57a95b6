package dev.greeter.cli.call;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorDetailsProto;
import com.google.rpc.RetryInfo;
import dev.greeter.cli.console.Output;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import org.springframework.boot.json.JsonParserFactory;

/**
 * Reads the details of a status: the messages of google/rpc/error_details. A service may send
 * anything there; these methods never throw because of it.
 */
final class StatusDetails {

  private StatusDetails() {}

  private static List<Any> of(Throwable failure) {
    try {
      var status = StatusProto.fromThrowable(failure);
      return status == null ? List.of() : status.getDetailsList();
    } catch (IllegalArgumentException e) {
      // Invalid details are ignored; the status is still reported.
      return List.of();
    }
  }

  /** Returns the service's retry delay, rounded up to seconds, or 0 if there is none. */
  static long retrySeconds(Throwable failure) {
    try {
      for (Any detail : of(failure)) {
        if (detail.is(RetryInfo.class)) {
          Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          return Durations.isValid(delay) ? delay.getSeconds() + (delay.getNanos() > 0 ? 1 : 0) : 0;
        }
      }
    } catch (InvalidProtocolBufferException e) {
      // As above.
    }
    return 0;
  }

  /** Returns the details of a failed call as a JSON field; empty if there are none. */
  static Map<String, ?> fields(Throwable failure) {
    var parser = JsonParserFactory.getJsonParser();
    List<Any> details = of(failure);
    return details.isEmpty()
        ? Map.of()
        : Map.of("details", details.stream().map(d -> parser.parseMap(json(d))).toList());
  }

  /** Returns a detail in protobuf's JSON format, or its type if it cannot be converted. */
  private static String json(Any detail) {
    // Created lazily, since it analyzes every registered message.
    var known =
        TypeRegistry.newBuilder().add(ErrorDetailsProto.getDescriptor().getMessageTypes()).build();
    try {
      return JsonFormat.printer()
          .usingTypeRegistry(known)
          .omittingInsignificantWhitespace()
          .print(detail);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      // JsonFormat throws IllegalArgumentException for a Duration out of range.
      return Output.line(Map.of("@type", detail.getTypeUrl()));
    }
  }
}
