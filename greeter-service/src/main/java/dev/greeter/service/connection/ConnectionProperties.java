package dev.greeter.service.connection;

import static dev.greeter.guard.setting.InvalidSettingException.checkDuration;
import static dev.greeter.guard.setting.InvalidSettingException.checkPositive;
import static dev.greeter.guard.setting.InvalidSettingException.checkSize;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * What connections may take. What each limit is for is said in {@code application.yml}.
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
 */
@ConfigurationProperties("greeter.server.limits")
record ConnectionProperties(
    int maxConnections,
    int maxConnectionsPerAddress,
    int maxUnauthenticatedConnections,
    int maxUnauthenticatedConnectionsPerAddress,
    Duration unauthenticatedConnectionIdle,
    int maxCallsPerConnection,
    DataSize flowControlWindow,
    int maxResets,
    Duration resetWindow,
    Duration handshakeTimeout) {

  ConnectionProperties {
    checkPositive("max-connections", maxConnections);
    checkPositive("max-connections-per-address", maxConnectionsPerAddress);
    checkPositive("max-unauthenticated-connections", maxUnauthenticatedConnections);
    checkPositive(
        "max-unauthenticated-connections-per-address", maxUnauthenticatedConnectionsPerAddress);
    checkDuration(
        "unauthenticated-connection-idle", unauthenticatedConnectionIdle, Duration.ofMillis(1));
    checkPositive("max-calls-per-connection", maxCallsPerConnection);
    checkSize("flow-control-window", flowControlWindow.toBytes());
    checkPositive("max-resets", maxResets);
    checkDuration("reset-window", resetWindow, Duration.ofSeconds(1));
    checkDuration("handshake-timeout", handshakeTimeout, Duration.ofMillis(1));
  }
}
