package dev.greeter.service.server;

import com.google.common.net.InetAddresses;
import dev.greeter.service.error.InvalidSetting;
import java.time.Duration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.stereotype.Component;

/**
 * Checks the starter's own settings, {@code grpc.server.*}: it takes what comes, and fails with a
 * stack trace, or later, or in silence.
 */
@Component
public final class StarterSettings {

  private static final int LAST_PORT = 65_535;
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  /**
   * Checks the settings.
   *
   * @throws FailureAnalyzedException if one cannot be used; the message names the property, its
   *     environment variable and what to set
   */
  StarterSettings(GrpcServerProperties settings) {
    checkAddress(settings);
    check("shutdown-grace-period", settings.getShutdownGracePeriod(), Duration.ZERO);
    check("max-connection-idle", settings.getMaxConnectionIdle(), MILLISECOND);
    check("max-connection-age", settings.getMaxConnectionAge(), MILLISECOND);
    check("max-connection-age-grace", settings.getMaxConnectionAgeGrace(), MILLISECOND);
    check("permit-keep-alive-time", settings.getPermitKeepAliveTime(), MILLISECOND);
    check("keep-alive-time", settings.getKeepAliveTime(), MILLISECOND);
    check("keep-alive-timeout", settings.getKeepAliveTimeout(), MILLISECOND);
    InvalidSetting.checkSize(
        "grpc.server.max-inbound-message-size", settings.getMaxInboundMessageSize());
    InvalidSetting.checkSize(
        "grpc.server.max-inbound-metadata-size", settings.getMaxInboundMetadataSize());
  }

  /**
   * Checks where the server listens.
   *
   * @throws FailureAnalyzedException as the constructor
   */
  public static void checkAddress(GrpcServerProperties settings) {
    // The starter listens to Unix sockets as well, but not on the event loops that are used here.
    if (!settings.getAddress().equals(GrpcServerProperties.ANY_IP_ADDRESS)
        && !InetAddresses.isInetAddress(settings.getAddress())) {
      throw InvalidSetting.isNot("grpc.server.address", "* or an IP address, such as 127.0.0.1");
    }
    InvalidSetting.checkNumber("grpc.server.port", settings.getPort(), 0, LAST_PORT);
  }

  private static void check(String name, Duration value, Duration least) {
    InvalidSetting.checkDuration("grpc.server." + name, value, least);
  }
}
