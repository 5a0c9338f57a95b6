package dev.greeter.service.settings;

import static dev.greeter.guard.InvalidSettingException.checkDuration;
import static dev.greeter.guard.InvalidSettingException.checkNumber;
import static dev.greeter.guard.InvalidSettingException.checkSize;
import static dev.greeter.guard.InvalidSettingException.isNot;

import com.google.common.net.InetAddresses;
import dev.greeter.settings.RefusedSettings;
import java.time.Duration;
import java.util.List;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Checks settings that are read elsewhere. With an invalid {@code grpc.server.*}, the starter fails
 * with a stack trace, late, or silently. Spring Boot reads the port and the log format before it
 * binds any settings, and its stack trace shows them.
 */
public final class GrpcServerSettingsValidator implements EnvironmentPostProcessor, Ordered {

  private static final String FORMAT = "logging.structured.format.console";
  private static final List<String> FORMATS = List.of("ecs", "gelf", "logstash");

  /** The size for a call with the longest secret, 4,096 characters. */
  private static final long LEAST_HEADERS = 5 * 1024;

  /** Runs after {@code application.yml} is loaded. */
  @Override
  public int getOrder() {
    return ConfigDataEnvironmentPostProcessor.ORDER + 1;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    var binder = Binder.get(environment, new RefusedSettings().apply(BindHandler.DEFAULT));
    if (!FORMATS.contains(binder.bind(FORMAT, String.class).orElse("ecs"))) {
      throw isNot(FORMAT, "one of " + FORMATS);
    }
    var settings = binder.bindOrCreate("grpc.server", GrpcServerProperties.class);
    checkAddress(settings);
    check("shutdown-grace-period", settings.getShutdownGracePeriod(), 0);
    check("max-connection-idle", settings.getMaxConnectionIdle(), 1);
    check("max-connection-age", settings.getMaxConnectionAge(), 1);
    check("max-connection-age-grace", settings.getMaxConnectionAgeGrace(), 1);
    check("permit-keep-alive-time", settings.getPermitKeepAliveTime(), 1);
    check("keep-alive-time", settings.getKeepAliveTime(), 1);
    check("keep-alive-timeout", settings.getKeepAliveTimeout(), 1);
    long request = settings.getMaxInboundMessageSize().toBytes();
    checkSize("grpc.server.max-inbound-message-size", request);
    long headers = settings.getMaxInboundMetadataSize().toBytes();
    checkSize("grpc.server.max-inbound-metadata-size", headers);
    if (headers < LEAST_HEADERS) {
      throw isNot("grpc.server.max-inbound-metadata-size", "a size of 5KB or more, such as 8KB");
    }
  }

  /**
   * Checks the listening address. The starter also supports Unix sockets, but not with these event
   * loops.
   *
   * @throws dev.greeter.guard.InvalidSettingException if the address or the port is invalid
   */
  public static void checkAddress(GrpcServerProperties settings) {
    try {
      if (!settings.getAddress().equals(GrpcServerProperties.ANY_IP_ADDRESS)) {
        // Fails also if this machine lacks the interface of an address such as fe80::1%eth0.
        var unused = InetAddresses.forString(settings.getAddress());
      }
    } catch (IllegalArgumentException e) {
      throw isNot("grpc.server.address", "* or an IP address, such as 127.0.0.1");
    }
    checkNumber("grpc.server.port", settings.getPort(), 0, 65_535);
  }

  private static void check(String name, Duration value, int leastMillis) {
    checkDuration("grpc.server." + name, value, Duration.ofMillis(leastMillis));
  }
}
