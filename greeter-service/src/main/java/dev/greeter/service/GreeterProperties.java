package dev.greeter.service;

import static dev.greeter.guard.InvalidSettingException.checkDuration;
import static dev.greeter.guard.InvalidSettingException.checkNumber;
import static dev.greeter.guard.InvalidSettingException.checkPositive;
import static dev.greeter.guard.InvalidSettingException.checkSize;

import dev.greeter.guard.InvalidSettingException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.system.JavaVersion;
import org.springframework.util.unit.DataSize;

/**
 * The service's own settings, all but the secrets themselves. The defaults, and what each limit
 * prevents, are in {@code application.yml}.
 *
 * @param auth the auth check
 * @param server where handlers run, and what connections and calls may take
 * @param rateLimit how often an address or a client may call
 * @param accessLog which calls have a line in the log
 */
@ConfigurationProperties("greeter")
public record GreeterProperties(
    Auth auth, Server server, RateLimit rateLimit, AccessLog accessLog) {

  private static final int MAX = 1_000_000;
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  /**
   * The auth check.
   *
   * @param header name of the metadata header that carries the secret
   * @param valueFile path of a file that holds the secret, and while it is being changed the
   *     previous one on a second line; takes the place of {@code greeter.auth.value}
   * @param clientsFile path of a file with named secrets, a line each
   * @param openServices full names of the gRPC services that answer without the secret
   */
  public record Auth(
      String header,
      @Nullable String valueFile,
      @Nullable String clientsFile,
      @DefaultValue Set<String> openServices) {

    public Auth {
      InvalidSettingException.checkHeader("header", header);
    }

    /** Without the paths of the files: a secret itself may stand there. */
    @Override
    public String toString() {
      return "Auth[header=%s, openServices=%s]".formatted(header, openServices);
    }
  }

  /**
   * The server.
   *
   * @param executor the threads on which handlers and interceptors run
   * @param limits what connections and calls may take
   */
  public record Server(Executor executor, Limits limits) {

    public Server {
      if (executor == Executor.VIRTUAL
          && JavaVersion.getJavaVersion().isOlderThan(JavaVersion.TWENTY_ONE)) {
        throw new InvalidSettingException(
            "executor",
            "is virtual, but this is Java " + Runtime.version().feature(),
            "direct or pool, or run the service on Java 21 or newer");
      }
    }
  }

  /** The threads on which handlers and interceptors run. */
  public enum Executor {

    /** The connections' own event loops: a handler that waits holds up every call of its loop. */
    DIRECT,

    /** A virtual thread for each call (Java 21 and newer): handlers may wait. */
    VIRTUAL,

    /** gRPC's pool of threads, which grows with the calls that wait: handlers may wait. */
    POOL
  }

  /**
   * What connections and calls may take.
   *
   * @param maxConnections connections that are open at once
   * @param maxConnectionsPerAddress of these, those from one IP address
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
   * What calls without the secret may take.
   *
   * @param maxCalls calls that are open at once
   * @param maxCallsPerAddress of these, those from one IP address
   * @param callIdle how long a call waits for the rest of its request, or for its answer to be
   *     taken
   * @param maxCallDuration how long a call may last
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
   * The limits of rates; 0 is no limit.
   *
   * @param callsPerSecond calls that an address may make in a second, on average
   * @param clientCallsPerSecond calls that a client whose secret has a name may make in a second,
   *     on average
   * @param burst calls that either may make at once after a rest
   * @param failedAuthenticationsPerMinute refused secrets after which an address has to wait
   * @param maxAddresses addresses that are tracked separately; others have one limit between them
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
   * The calls that have a line; 0 is none.
   *
   * @param sample one of this many calls that end well has a line, at random
   * @param refusalsPerSecond lines about refused calls in a second, at most
   * @param failuresPerSecond lines about other calls that do not end well in a second, at most
   */
  public record AccessLog(int sample, int refusalsPerSecond, int failuresPerSecond) {

    public AccessLog {
      checkNumber("sample", sample, 0, MAX);
      checkNumber("refusals-per-second", refusalsPerSecond, 0, MAX);
      checkNumber("failures-per-second", failuresPerSecond, 0, MAX);
    }
  }
}
