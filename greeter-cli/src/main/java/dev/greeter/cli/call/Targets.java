package dev.greeter.cli.call;

import com.google.common.net.HostAndPort;
import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.InvalidSettingException;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.stereotype.Component;

/** Finds the service that a command's options name; the settings hold for those not given. */
@Component
public class Targets {

  private static final Pattern PART = Pattern.compile("(?<=[a-z])(?=[0-9])");

  private final GreeterProperties defaults;
  private final String secretHeader;
  private String server;

  /**
   * Creates it.
   *
   * @param defaults what holds for an option that was not given
   * @param authentication names the header that no option may set
   */
  public Targets(GreeterProperties defaults, AuthenticationProperties authentication) {
    this.defaults = defaults;
    this.server = defaults.server();
    this.secretHeader = authentication.header();
  }

  /** Returns the header that carries the secret. */
  String secretHeader() {
    return secretHeader;
  }

  /**
   * Sets which service commands call that name none.
   *
   * @throws UsageException if it is no address
   */
  public void use(String server) {
    of(server, null, List.of());
    this.server = server;
  }

  /** Returns the target of a command without options. */
  public Target standard() {
    return of(null, null, List.of());
  }

  /**
   * Reads a command's options.
   *
   * @param server value of {@code --server}, or null if it was not given
   * @param timeout value of {@code --timeout}, or null if it was not given
   * @param headers values of {@code --metadata}
   * @throws UsageException if an option cannot be read
   */
  public Target of(@Nullable String server, @Nullable String timeout, List<String> headers) {
    return new Target(
        option("--server", server, this.server, Targets::parseServer),
        option("--timeout", timeout, defaults.timeout(), Targets::parseTimeout),
        headers.isEmpty()
            ? List.of()
            : List.of(MetadataUtils.newAttachHeadersInterceptor(metadata(headers))),
        false);
  }

  /**
   * Reads an address.
   *
   * @param value {@code host:port}, or {@code [address]:port} for IPv6
   * @throws IllegalArgumentException if it is none; the message says what to give
   */
  static HostAndPort parseServer(String value) {
    try {
      HostAndPort address = HostAndPort.fromString(value);
      // As gRPC's resolver reads it, which throws if there is no host; then there is no port
      // either.
      int port = URI.create("//" + address).getPort();
      if (port > 0 && port == address.getPort()) {
        return address;
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      // Falls through: its message repeats the value and does not say what to give.
    }
    throw new IllegalArgumentException("host:port, such as localhost:50051");
  }

  /**
   * Reads a duration.
   *
   * @param value numbers with units, such as {@code 500ms} or {@code 1m30s}, or a number of seconds
   * @throws IllegalArgumentException if it is none, or not positive; the message says what to give
   */
  static Duration parseTimeout(String value) {
    try {
      Duration timeout =
          PART.splitAsStream(value)
              .map(part -> DurationStyle.detectAndParse(part, ChronoUnit.SECONDS))
              .reduce(Duration.ZERO, Duration::plus);
      if (timeout.toNanos() > 0) {
        return timeout;
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      // Falls through: its message names Java's types and does not say what to give.
    }
    throw new IllegalArgumentException("a duration above zero, such as 500ms, 5s or 1m30s");
  }

  private Metadata metadata(List<String> headers) {
    var metadata = new Metadata();
    for (String header : headers) {
      int colon = header.indexOf(':');
      String name = header.substring(0, Math.max(colon, 0)).strip();
      String value = header.substring(colon + 1).strip();
      if (name.equalsIgnoreCase(secretHeader)) {
        throw refused(name, "names the header of the secret, which only the settings give");
      }
      try {
        InvalidSettingException.checkHeader("name", name);
        InvalidSettingException.checkSecret("value", value);
      } catch (InvalidSettingException e) {
        throw refused(name, e.problem());
      }
      metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }
    return metadata;
  }

  /** Does not show the value: somebody may have tried the secret. */
  private static UsageException refused(String name, String problem) {
    return new UsageException(
        "--metadata '%s:...' %s.%nGive it name:value, such as x-trial:1.".formatted(name, problem));
  }

  private static <T> T option(
      String name, @Nullable String value, String otherwise, Function<String, T> parser) {
    if (value == null) {
      return parser.apply(otherwise);
    }
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      throw new UsageException("%s is '%s'.%nGive it %s.".formatted(name, value, e.getMessage()));
    }
  }
}
