package dev.greeter.service;

import static dev.greeter.guard.InvalidSettingException.checkDuration;
import static dev.greeter.guard.InvalidSettingException.checkNumber;
import static dev.greeter.guard.InvalidSettingException.checkPositive;
import static dev.greeter.guard.InvalidSettingException.checkSize;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.TrustedProxies;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.system.JavaVersion;
import org.springframework.util.unit.DataSize;

/**
 * The service's own settings, except the secrets themselves. {@code application.yml} documents the
 * defaults and what each limit prevents.
 *
 * @param auth authentication
 * @param server the handlers' threads, and the limits of connections and calls
 * @param rateLimit the rate limits of addresses and clients
 * @param accessLog which calls are logged
 */
@ConfigurationProperties("greeter")
public record GreeterProperties(
    Auth auth, Server server, RateLimit rateLimit, AccessLog accessLog) {

  private static final int MAX = 1_000_000;
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  /**
   * Authentication.
   *
   * @param header the name of the metadata header with the secret
   * @param valueFile the path of a file with the secret and, during a rotation, the previous one on
   *     a second line; replaces {@code greeter.auth.value}
   * @param clientsFile the path of a file with named secrets, one per line
   * @param openServices the full names of the gRPC services that need no secret
   */
  public record Auth(
      String header,
      @Nullable String valueFile,
      @Nullable String clientsFile,
      @DefaultValue Set<String> openServices) {

    public Auth {
      InvalidSettingException.checkHeader("header", header);
    }

    /** Omits the file paths, which may be misplaced secrets. */
    @Override
    public String toString() {
      return "Auth[header=%s, openServices=%s]".formatted(header, openServices);
    }
  }

  /**
   * The server.
   *
   * @param executor the threads for handlers and interceptors
   * @param trustedProxies the networks of proxies that may report a client's address
   * @param proxyProtocol whether they use the PROXY protocol at the start of each connection
   * @param drainDelay how long calls are accepted on shutdown while health is NOT_SERVING
   * @param limits the limits of connections and calls
   */
  public record Server(
      Executor executor,
      @DefaultValue List<String> trustedProxies,
      boolean proxyProtocol,
      Duration drainDelay,
      Limits limits) {

    public Server {
      var unused = TrustedProxies.of("trusted-proxies", trustedProxies);
      if (trustedProxies.isEmpty() && proxyProtocol) {
        throw new InvalidSettingException(
            "proxy-protocol",
            "is true, but there are no trusted proxies",
            "false, or set GREETER_SERVER_TRUSTED_PROXIES");
      }
      checkDuration("drain-delay", drainDelay, Duration.ZERO);
      if (executor == Executor.VIRTUAL
          && JavaVersion.getJavaVersion().isOlderThan(JavaVersion.TWENTY_ONE)) {
        throw new InvalidSettingException(
            "executor",
            "is virtual, but this is Java " + Runtime.version().feature(),
            "direct or pool, or run the service on Java 21 or newer");
      }
    }
  }

  /** The threads for handlers and interceptors. */
  public enum Executor {

    /** The connections' event loops: a handler that waits blocks every call of its loop. */
    DIRECT,

    /** A virtual thread for each call (Java 21 and newer): handlers may wait. */
    VIRTUAL,

    /** A pool of 50 threads: handlers may wait. */
    POOL
  }

  /**
   * The limits of connections and calls.
   *
   * @param maxConnections the maximum number of open connections
   * @param maxConnectionsPerAddress the maximum number of open connections per IP address
   * @param maxUnauthenticatedConnections the maximum number without an authenticated call yet
   * @param maxUnauthenticatedConnectionsPerAddress the maximum number of these per IP address
   * @param unauthenticatedConnectionIdle how long these may stay open without a call to an open
   *     service
   * @param maxCallsPerConnection the maximum number of open calls on a connection
   * @param flowControlWindow the number of bytes that a client may send ahead in a call
   * @param maxResets the maximum number of RST_STREAM frames that a connection causes per window
   * @param resetWindow the window, at least 1 s; fractions of a second are ignored
   * @param handshakeTimeout the time from opening a connection to the end of its HTTP/2 handshake
   * @param maxCalls the maximum number of open authenticated calls
   * @param maxCallsPerAddress the maximum number of these per IP address
   * @param callIdle how long a call waits for the client's next message
   * @param open the limits of calls without the secret, to open services
   */
  public record Limits(
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

    public Limits {
      checkPositive("max-connections", maxConnections);
      checkPositive("max-connections-per-address", maxConnectionsPerAddress);
      checkPositive("max-unauthenticated-connections", maxUnauthenticatedConnections);
      checkPositive(
          "max-unauthenticated-connections-per-address", maxUnauthenticatedConnectionsPerAddress);
      checkDuration("unauthenticated-connection-idle", unauthenticatedConnectionIdle, MILLISECOND);
      checkPositive("max-calls-per-connection", maxCallsPerConnection);
      checkSize("flow-control-window", flowControlWindow.toBytes());
      checkPositive("max-resets", maxResets);
      checkDuration("reset-window", resetWindow, Duration.ofSeconds(1));
      checkDuration("handshake-timeout", handshakeTimeout, MILLISECOND);
      checkPositive("max-calls", maxCalls);
      checkPositive("max-calls-per-address", maxCallsPerAddress);
      checkDuration("call-idle", callIdle, MILLISECOND);
    }
  }

  /**
   * The limits of calls without the secret.
   *
   * @param maxCalls the maximum number of open calls
   * @param maxCallsPerAddress the maximum number of open calls per IP address
   * @param callIdle how long a call waits for the rest of its request, or for the client to read
   *     the answer
   * @param maxCallDuration the maximum duration of a call
   */
  public record Open(
      int maxCalls, int maxCallsPerAddress, Duration callIdle, Duration maxCallDuration) {

    public Open {
      checkPositive("max-calls", maxCalls);
      checkPositive("max-calls-per-address", maxCallsPerAddress);
      checkDuration("call-idle", callIdle, MILLISECOND);
      checkDuration("max-call-duration", maxCallDuration, MILLISECOND);
    }
  }

  /**
   * The rate limits; 0 means no limit.
   *
   * @param callsPerSecond the calls per second that an address may make, on average
   * @param clientCallsPerSecond the same for a client with a named secret
   * @param burst the number of calls that either may make at once after a pause
   * @param failedAuthenticationsPerMinute the refused secrets after which an address must wait
   * @param maxAddresses the number of addresses tracked separately; the others share one limit
   */
  public record RateLimit(
      int callsPerSecond,
      int clientCallsPerSecond,
      int burst,
      int failedAuthenticationsPerMinute,
      int maxAddresses) {

    public RateLimit {
      checkNumber("calls-per-second", callsPerSecond, 0, MAX);
      checkNumber("client-calls-per-second", clientCallsPerSecond, 0, MAX);
      checkNumber("burst", burst, 1, MAX);
      checkNumber("failed-authentications-per-minute", failedAuthenticationsPerMinute, 0, MAX);
      checkNumber("max-addresses", maxAddresses, 1, MAX);
    }
  }

  /**
   * The logged calls; 0 means none.
   *
   * @param sample logs one in this many successful calls, at random
   * @param refusalsPerSecond the maximum number of lines per second about refused calls
   * @param failuresPerSecond the maximum number of lines per second about other failed calls
   */
  public record AccessLog(int sample, int refusalsPerSecond, int failuresPerSecond) {

    public AccessLog {
      checkNumber("sample", sample, 0, MAX);
      checkNumber("refusals-per-second", refusalsPerSecond, 0, MAX);
      checkNumber("failures-per-second", failuresPerSecond, 0, MAX);
    }
  }
}
