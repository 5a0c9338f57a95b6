package dev.greeter.cli.call;

import com.google.common.net.HostAndPort;
import dev.greeter.cli.auth.AuthenticationProperties;
import dev.greeter.cli.console.Output;
import dev.greeter.cli.console.UsageException;
import dev.greeter.guard.InvalidSettingException;
import io.grpc.ClientInterceptor;
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

/** Creates targets from a command's options; the settings are the defaults. */
@Component
public class Targets {

  private static final Pattern PART = Pattern.compile("(?<=[a-z])(?=[0-9])");

  private final GreeterProperties defaults;
  private final String secretHeader;
  private final Output output;

  Targets(GreeterProperties defaults, AuthenticationProperties authentication, Output output) {
    this.defaults = defaults;
    this.secretHeader = authentication.header();
    this.output = output;
  }

  /**
   * Reads a command's options.
   *
   * @param server value of {@code --server}, or null if it was not given
   * @param timeout value of {@code --timeout}, or null if it was not given
   * @param headers values of {@code --metadata}
   * @param traced whether to print every call
   * @throws UsageException if an option is invalid
   */
  public Target of(
      @Nullable String server, @Nullable String timeout, List<String> headers, boolean traced) {
    Target target =
        new Target(
            option("--server", server, defaults.server(), Targets::parseServer),
            server == null ? "GREETER_SERVER" : "--server",
            option("--timeout", timeout, defaults.timeout(), Targets::parseTimeout),
            List.of(),
            false);
    if (!headers.isEmpty()) {
      ClientInterceptor attached = MetadataUtils.newAttachHeadersInterceptor(metadata(headers));
      target = target.withInterceptor(attached);
    }
    return traced ? target.withInterceptor(new Trace(output, secretHeader)) : target;
  }

  /**
   * Parses an address.
   *
   * @param value {@code host:port}, or {@code [address]:port} for IPv6
   * @throws IllegalArgumentException if it is invalid; the message states the expected format
   */
  static HostAndPort parseServer(String value) {
    HostAndPort address;
    try {
      address = HostAndPort.fromString(value);
      // gRPC's resolver parses it like this, and throws if the host, and thus the port, is missing.
      if (URI.create("//" + address).getPort() != address.getPort() || address.getPort() == 0) {
        throw new IllegalArgumentException();
      }
      return address;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IllegalArgumentException(
          value.matches("[a-zA-Z0-9.-]+:(0|\\d{5,})")
              ? "the port must be from 1 to 65535"
              : "it must be host:port, such as localhost:50051",
          e);
    }
  }

  /**
   * Parses a duration.
   *
   * @param value numbers with units, such as {@code 500ms} or {@code 1m30s}, or a number of seconds
   * @throws IllegalArgumentException if it is invalid or not positive; the message states the
   *     expected format
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
      // Falls through: its message shows Java types.
    }
    throw new IllegalArgumentException(
        "it must be a duration above zero, such as 500ms, 5s or 1m30s");
  }

  private Metadata metadata(List<String> headers) {
    var metadata = new Metadata();
    for (String header : headers) {
      int colon = header.indexOf(':');
      String name = header.substring(0, Math.max(colon, 0)).strip();
      String value = header.substring(colon + 1).strip();
      try {
        if (colon < 0) {
          throw new InvalidSettingException("It", "has no colon", "");
        }
        if (name.equalsIgnoreCase(secretHeader)) {
          throw new InvalidSettingException("It", "names the header of the secret", "");
        }
        InvalidSettingException.checkHeader("Its name", name);
        InvalidSettingException.checkSecret("Its value", value);
      } catch (InvalidSettingException e) {
        // The value is omitted: it may be a misplaced secret.
        throw new UsageException(
            "Invalid --metadata '%s'. %s Use NAME:VALUE, such as x-trial:1."
                .formatted(colon < 0 ? "..." : name + ":...", e.getMessage()));
      }
      metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }
    return metadata;
  }

  private static <T> T option(
      String name, @Nullable String value, String otherwise, Function<String, T> parser) {
    try {
      return parser.apply(value == null ? otherwise : value);
    } catch (IllegalArgumentException e) {
      throw new UsageException("Invalid %s '%s': %s.".formatted(name, value, e.getMessage()));
    }
  }
}
