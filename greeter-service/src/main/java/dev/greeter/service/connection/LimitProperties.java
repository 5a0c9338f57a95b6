package dev.greeter.service.connection;

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
 * @param maxUnauthenticatedConnections of these, those on which no call has shown the secret yet
 * @param maxUnauthenticatedConnectionsPerAddress of these, those from one IP address
 * @param unauthenticatedConnectionIdle how long such a connection may have no call to an open
 *     service
 * @param maxCallsPerConnection calls that are open at once on a connection
 * @param flowControlWindow bytes that a client may send ahead in a call
 * @param maxResets RST_STREAM frames that a connection may cause within the window
 * @param resetWindow the window, a second at least; fractions of a second do not count
 * @param handshakeTimeout from the opening of a connection to the end of its HTTP/2 handshake
 * @param maxCalls calls with the secret that are open at once
 * @param maxCallsPerAddress of these, those from one IP address
 * @param callIdle how long a call waits for the client's next message
 * @param open what calls without the secret may take, to services that are open
 */
@ConfigurationProperties("greeter.server.limits")
record LimitProperties(
    int maxConnections,
    int maxConnectionsPerAddress,
    int maxUnauthenticatedConnections,
    int maxUnauthenticatedConnectionsPerAddress,
    Duration unauthenticatedConnectionIdle,
    int maxCallsPerConnection,
    DataSize flowControlWindow,
    int maxResets,
    Duration resetWindow,
    Duration handshakeTimeout,
    int maxCalls,
    int maxCallsPerAddress,
    Duration callIdle,
    Open open) {

  private static final String PREFIX = "greeter.server.limits.";

  /**
   * The limits of calls without the secret, {@code greeter.server.limits.open.*}.
   *
   * @param maxRequestSize bytes of a request
   * @param maxCalls calls that are open at once
   * @param maxCallsPerAddress of these, those from one IP address
   * @param callIdle how long a call waits for the rest of its request, or for its answer to be
   *     taken
   * @param maxCallDuration how long a call may last
   */
  record Open(
      DataSize maxRequestSize,
      int maxCalls,
      int maxCallsPerAddress,
      Duration callIdle,
      Duration maxCallDuration) {

    Open {
      check("open.max-request-size", maxRequestSize);
      check("open.max-calls", maxCalls);
      check("open.max-calls-per-address", maxCallsPerAddress);
      check("open.call-idle", callIdle, Duration.ofMillis(1));
      check("open.max-call-duration", maxCallDuration, Duration.ofMillis(1));
    }
  }

  /**
   * Checks the settings.
   *
   * @throws FailureAnalyzedException if one is too small or too large to be a limit; the message
   *     names the property, its environment variable and what to set
   */
  LimitProperties {
    check("max-connections", maxConnections);
    check("max-connections-per-address", maxConnectionsPerAddress);
    check("max-unauthenticated-connections", maxUnauthenticatedConnections);
    check("max-unauthenticated-connections-per-address", maxUnauthenticatedConnectionsPerAddress);
    check("unauthenticated-connection-idle", unauthenticatedConnectionIdle, Duration.ofMillis(1));
    check("max-calls-per-connection", maxCallsPerConnection);
    check("max-resets", maxResets);
    check("flow-control-window", flowControlWindow);
    check("max-calls", maxCalls);
    check("max-calls-per-address", maxCallsPerAddress);
    check("reset-window", resetWindow, Duration.ofSeconds(1));
    check("handshake-timeout", handshakeTimeout, Duration.ofMillis(1));
    check("call-idle", callIdle, Duration.ofMillis(1));
  }

  private static void check(String name, int value) {
    if (value <= 0) {
      throw InvalidSetting.isNot(PREFIX + name, "a whole number above 0");
    }
  }

  private static void check(String name, DataSize value) {
    InvalidSetting.checkSize(PREFIX + name, value);
  }

  private static void check(String name, Duration value, Duration least) {
    InvalidSetting.checkDuration(PREFIX + name, value, least);
  }
}
