package dev.greeter.cli.greeting;

import com.google.common.net.HostAndPort;
import dev.greeter.cli.error.UsageException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;

/**
 * Which service a command calls, and how long it waits.
 *
 * @param server address of the service
 * @param timeout deadline of each call; for {@code Chat}, of each answer
 */
record Target(HostAndPort server, Duration timeout) {

  /**
   * Reads a command's options.
   *
   * @param server value of {@code --server}, or null if it was not given
   * @param timeout value of {@code --timeout}, or null if it was not given
   * @param defaults what holds for an option that was not given
   * @throws UsageException if an option cannot be read
   */
  static Target of(@Nullable String server, @Nullable String timeout, GreeterProperties defaults) {
    return new Target(
        option("--server", server, defaults.server(), Target::parseServer),
        option("--timeout", timeout, defaults.timeout(), Target::parseTimeout));
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
      if (address.hasPort() && address.getPort() > 0 && !address.getHost().isBlank()) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // Falls through: its message repeats the value and does not say what to give.
    }
    throw new IllegalArgumentException("host:port, such as localhost:50051");
  }

  /**
   * Reads a duration.
   *
   * @param value a number with a unit, such as {@code 500ms}, or a number of seconds
   * @throws IllegalArgumentException if it is none, or not positive; the message says what to give
   */
  static Duration parseTimeout(String value) {
    try {
      Duration timeout = DurationStyle.detectAndParse(value, ChronoUnit.SECONDS);
      if (timeout.toNanos() > 0) {
        return timeout;
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      // Falls through: its message names Java's types and does not say what to give.
    }
    throw new IllegalArgumentException("a duration above zero, such as 5s or 500ms");
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
