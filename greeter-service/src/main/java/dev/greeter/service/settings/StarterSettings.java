package dev.greeter.service.settings;

import static dev.greeter.guard.setting.InvalidSettingException.checkDuration;
import static dev.greeter.guard.setting.InvalidSettingException.checkNumber;
import static dev.greeter.guard.setting.InvalidSettingException.checkSize;

import com.google.common.net.InetAddresses;
import dev.greeter.guard.setting.InvalidSettingException;
import java.time.Duration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/**
 * Checks the starter's own settings, {@code grpc.server.*}: it takes what comes, and fails with a
 * stack trace, or later, or in silence.
 */
@Component
public final class StarterSettings {

  private static final String PREFIX = "grpc.server.";
  private static final int LAST_PORT = 65_535;

  /** What a call with the longest secret has, 4,096 characters. */
  private static final DataSize LEAST_HEADERS = DataSize.ofKilobytes(5);

  StarterSettings(GrpcServerProperties settings) {
    checkAddress(settings);
    check("shutdown-grace-period", settings.getShutdownGracePeriod(), 0);
    check("max-connection-idle", settings.getMaxConnectionIdle(), 1);
    check("max-connection-age", settings.getMaxConnectionAge(), 1);
    check("max-connection-age-grace", settings.getMaxConnectionAgeGrace(), 1);
    check("permit-keep-alive-time", settings.getPermitKeepAliveTime(), 1);
    check("keep-alive-time", settings.getKeepAliveTime(), 1);
    check("keep-alive-timeout", settings.getKeepAliveTimeout(), 1);
    checkSize(PREFIX + "max-inbound-message-size", settings.getMaxInboundMessageSize().toBytes());
    String headers = PREFIX + "max-inbound-metadata-size";
    checkSize(headers, settings.getMaxInboundMetadataSize().toBytes());
    if (settings.getMaxInboundMetadataSize().compareTo(LEAST_HEADERS) < 0) {
      throw InvalidSettingException.isNot(headers, "a size of 5KB or more, such as 8KB");
    }
  }

  /**
   * Checks where the server listens.
   *
   * @throws InvalidSettingException as the constructor
   */
  public static void checkAddress(GrpcServerProperties settings) {
    // The starter listens to Unix sockets as well, but not on the event loops that are used here.
    if (!settings.getAddress().equals(GrpcServerProperties.ANY_IP_ADDRESS)
        && !isInetAddress(settings.getAddress())) {
      throw InvalidSettingException.isNot(
          PREFIX + "address", "* or an IP address, such as 127.0.0.1");
    }
    checkNumber(PREFIX + "port", settings.getPort(), 0, LAST_PORT);
  }

  /**
   * Tells also whether this machine has the interface that an address may name, as fe80::1%eth0.
   */
  private static boolean isInetAddress(String text) {
    try {
      var unused = InetAddresses.forString(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void check(String name, Duration value, int leastMillis) {
    checkDuration(PREFIX + name, value, Duration.ofMillis(leastMillis));
  }
}
