package dev.greeter.guard.autoconfigure;

import static dev.greeter.guard.InvalidSettingException.checkPositive;
import static org.springframework.util.StringUtils.hasText;

import dev.greeter.guard.Guard;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.netty.GuardedNetty;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * The settings of the guard. {@link Guard.Builder} checks them and has the defaults of unset ones.
 *
 * @param secretFile Path of a file with the secret that all clients share and, during a change, the
 *     previous one on a second line.
 * @param clientsFile Path of a file with a line for each secret of a client: its name, the secret
 *     and an optional expiry.
 * @param header Metadata header that carries the secret; authorization if not set.
 * @param openServices Full names of the services that need no secret; health if not set.
 * @param trustedProxies Networks of the proxies whose x-forwarded-for names the address of a
 *     client, in CIDR notation.
 * @param maxCalls Concurrent calls with the secret.
 * @param maxCallsPerAddress Concurrent calls with the secret from one address.
 * @param callIdle How long a call may be idle, with no messages in either direction.
 * @param maxThreads Threads on which calls run; others wait. A GrpcServerExecutorProvider bean
 *     replaces them.
 * @param rateLimit How often an address or a client may call.
 * @param accessLog Which calls are logged.
 * @param connections How many connections a Netty server may have open.
 */
@ConfigurationProperties("grpc.guard")
record GuardProperties(
    @Nullable String secretFile,
    @Nullable String clientsFile,
    @Nullable String header,
    @Nullable List<String> openServices,
    @Nullable List<String> trustedProxies,
    @Nullable Integer maxCalls,
    @Nullable Integer maxCallsPerAddress,
    @Nullable Duration callIdle,
    @DefaultValue("100") int maxThreads,
    @DefaultValue RateLimit rateLimit,
    @DefaultValue AccessLog accessLog,
    @DefaultValue Connections connections) {

  private static final String PREFIX = "grpc.guard.";
  private static final String SECRET_FILE = PREFIX + "secret-file";
  private static final String CLIENTS_FILE = PREFIX + "clients-file";

  /**
   * How often an address or a client may call.
   *
   * @param callsPerSecond Calls per second from an address, on average; 0 means no limit.
   * @param clientCallsPerSecond Calls per second of a client with a named secret, on average; 0
   *     means no limit.
   * @param burst Calls that either may make at once after a pause.
   * @param failedAuthenticationsPerMinute Refused secrets per minute after which all calls from an
   *     address are temporarily refused; 0 means no limit.
   */
  record RateLimit(
      @Nullable Integer callsPerSecond,
      @Nullable Integer clientCallsPerSecond,
      @Nullable Integer burst,
      @Nullable Integer failedAuthenticationsPerMinute) {}

  /**
   * Which calls are logged.
   *
   * @param sample Logs one in this many successful calls, at random; 0 means none.
   */
  record AccessLog(@Nullable Integer sample) {}

  /**
   * How many connections a Netty server may have open.
   *
   * @param enabled Whether connections are limited; not possible on a Unix socket.
   * @param max Connections open at once.
   * @param maxPerAddress Connections open at once from one address.
   * @param maxUnauthenticated Connections open at once on which no call has carried the secret yet:
   *     the oldest gives way to the newest.
   * @param maxUnauthenticatedPerAddress Of these, those from one address.
   * @param proxyProtocol Whether trusted proxies start each connection with a PROXY protocol
   *     header.
   */
  record Connections(
      @DefaultValue("true") boolean enabled,
      @Nullable Integer max,
      @Nullable Integer maxPerAddress,
      @Nullable Integer maxUnauthenticated,
      @Nullable Integer maxUnauthenticatedPerAddress,
      boolean proxyProtocol) {}

  /**
   * Returns the connection limits.
   *
   * @throws InvalidSettingException if a setting is invalid
   */
  GuardedNetty limits(Guard guard) {
    var limits = GuardedNetty.builder(guard).proxyProtocol(connections.proxyProtocol);
    set("connections.max", connections.max, limits::maxConnections);
    set("connections.max-per-address", connections.maxPerAddress, limits::maxConnectionsPerAddress);
    set(
        "connections.max-unauthenticated",
        connections.maxUnauthenticated,
        limits::maxUnauthenticatedConnections);
    set(
        "connections.max-unauthenticated-per-address",
        connections.maxUnauthenticatedPerAddress,
        limits::maxUnauthenticatedConnectionsPerAddress);
    return limits.build();
  }

  /**
   * Returns the builder of a guard that closes the files.
   *
   * @throws InvalidSettingException if a setting is invalid or no file is set
   */
  Guard.Builder builder() {
    set("max-threads", maxThreads, threads -> checkPositive("maxThreads", threads));
    var guard = Guard.builder(secrets()).executor(pool());
    set("header", header, guard::header);
    set("open-services", openServices, names -> guard.openServices(array(names)));
    set("trusted-proxies", trustedProxies, networks -> guard.trustedProxies(array(networks)));
    set("max-calls", maxCalls, guard::maxCalls);
    set("max-calls-per-address", maxCallsPerAddress, guard::maxCallsPerAddress);
    set("call-idle", callIdle, guard::callIdle);
    set("rate-limit.calls-per-second", rateLimit.callsPerSecond, guard::callsPerSecond);
    set(
        "rate-limit.client-calls-per-second",
        rateLimit.clientCallsPerSecond,
        guard::callsPerSecondOfClient);
    set("rate-limit.burst", rateLimit.burst, guard::burst);
    set(
        "rate-limit.failed-authentications-per-minute",
        rateLimit.failedAuthenticationsPerMinute,
        guard::failedAuthenticationsPerMinute);
    set("access-log.sample", accessLog.sample, guard::accessLog);
    return guard;
  }

  /** Omits the paths of the files, which may be misplaced secrets. */
  @Override
  public String toString() {
    return "GuardProperties";
  }

  private Secrets secrets() {
    if (!hasText(clientsFile)) {
      if (!hasText(secretFile)) {
        throw new InvalidSettingException(
            SECRET_FILE,
            "is not set, nor is " + CLIENTS_FILE + ": without either, no client could call",
            "the path of a file that holds the shared secret, or GRPC_GUARD_CLIENTS_FILE to that of"
                + " a file with a line for each client: its name and its secret");
      }
      return Secrets.inFile(SECRET_FILE, secretFile);
    }
    Secrets named = Secrets.ofClientsInFile(CLIENTS_FILE, clientsFile);
    return hasText(secretFile) ? named.and(Secrets.inFile(SECRET_FILE, secretFile)) : named;
  }

  /** Returns a pool whose idle threads end. */
  private Executor pool() {
    var threads = new CustomizableThreadFactory("grpc-call-");
    threads.setDaemon(true);
    var pool =
        new ThreadPoolExecutor(
            maxThreads, maxThreads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), threads);
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static String[] array(List<String> texts) {
    return texts.toArray(String[]::new);
  }

  private static <T> void set(String property, @Nullable T value, Consumer<T> setter) {
    if (value != null) {
      try {
        setter.accept(value);
      } catch (InvalidSettingException e) {
        throw e.withName(PREFIX + property);
      }
    }
  }
}
