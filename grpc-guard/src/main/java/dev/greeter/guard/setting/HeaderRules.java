package dev.greeter.guard.setting;

import io.grpc.Metadata;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which names and values of headers a call can carry. */
final class HeaderRules {

  /**
   * Headers that are not the application's to set: what gRPC over HTTP/2 defines, and what HTTP/2
   * forbids or derives (RFC 9113, section 8.2.2). Names that begin with "grpc-" are reserved too.
   */
  private static final Set<String> RESERVED =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "host",
          "keep-alive",
          "proxy-connection",
          "te",
          "traceparent",
          "tracestate",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  /** Half of what gRPC takes by default: the other headers of a call need room, too. */
  private static final int MAX_VALUE = 4_096;

  private HeaderRules() {}

  /** Returns what is wrong with a name, to follow that of its setting; null if it is fine. */
  static @Nullable String problemOfName(@Nullable String header) {
    if (header == null || header.isBlank()) {
      return "is blank";
    }
    String name = header.toLowerCase(Locale.ROOT);
    if (name.startsWith("grpc-") || RESERVED.contains(name)) {
      return "is a name that gRPC or tracing uses";
    }
    if (name.endsWith("-bin")) {
      return "ends in -bin, as only headers with binary values do";
    }
    try {
      Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
      return null;
    } catch (IllegalArgumentException e) {
      return "is not a legal header name";
    }
  }

  /** The rule of ASCII-Value in "gRPC over HTTP2": 0x20 to 0x7E, white space at the ends unsafe. */
  static @Nullable String problemOfValue(@Nullable String value) {
    if (value == null || value.isBlank()) {
      return "is blank";
    }
    if (value.chars().anyMatch(c -> c < 0x20 || c > 0x7E)) {
      return "has a character that a gRPC header cannot carry";
    }
    if (value.length() > MAX_VALUE) {
      return "has more than 4,096 characters: the limit of all headers of a call is 8 KB in gRPC";
    }
    if (value.startsWith(" ") || value.endsWith(" ")) {
      return "begins or ends with a blank, which may be lost on the way";
    }
    return null;
  }
}
