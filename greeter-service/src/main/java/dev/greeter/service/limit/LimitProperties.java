package dev.greeter.service.limit;

import dev.greeter.service.error.InvalidSetting;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.util.unit.DataSize;

/**
 * The limits that the starter has no switch for, {@code greeter.server.limits.*}, validated when
 * they are bound. What each one is for is said in {@code application.yml}.
 *
 * @param maxConnections connections that are open at once
 * @param maxConnectionsPerAddress connections that are open at once from one IP address
 * @param maxCallsPerConnection calls that are open at once on a connection
 * @param flowControlWindow bytes that a client may send ahead in a call
 * @param maxResets RST_STREAM frames that a connection may cause within the window
 * @param resetWindow the window, a second at least; fractions of a second do not count
 * @param handshakeTimeout from the opening of a connection to the end of its HTTP/2 handshake
 * @param callIdle how long a call waits for the client's next message
 */
@ConfigurationProperties("greeter.server.limits")
record LimitProperties(
    int maxConnections,
    int maxConnectionsPerAddress,
    int maxCallsPerConnection,
    DataSize flowControlWindow,
    int maxResets,
    Duration resetWindow,
    Duration handshakeTimeout,
    Duration callIdle) {

  private static final String PREFIX = "greeter.server.limits.";

  /**
   * Checks the settings.
   *
   * @throws FailureAnalyzedException if one is too small or too large to be a limit; the message
   *     names the property, its environment variable and what to set
   */
  LimitProperties {
    check("max-connections", maxConnections);
    check("max-connections-per-address", maxConnectionsPerAddress);
    check("max-calls-per-connection", maxCallsPerConnection);
    check("max-resets", maxResets);
    InvalidSetting.checkSize(PREFIX + "flow-control-window", flowControlWindow);
    check("reset-window", resetWindow, Duration.ofSeconds(1));
    check("handshake-timeout", handshakeTimeout, Duration.ofMillis(1));
    check("call-idle", callIdle, Duration.ofMillis(1));
  }

  private static void check(String name, int value) {
    if (value <= 0) {
      throw InvalidSetting.isNot(PREFIX + name, "a whole number above 0");
    }
  }

  private static void check(String name, Duration value, Duration least) {
    InvalidSetting.checkDuration(PREFIX + name, value, least);
  }
}
