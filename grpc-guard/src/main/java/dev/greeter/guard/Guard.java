package dev.greeter.guard;

import static dev.greeter.guard.setting.InvalidSettingException.checkDuration;
import static dev.greeter.guard.setting.InvalidSettingException.checkHeader;
import static dev.greeter.guard.setting.InvalidSettingException.checkNumber;
import static dev.greeter.guard.setting.InvalidSettingException.checkPositive;
import static dev.greeter.guard.setting.InvalidSettingException.checkSize;

import com.google.common.base.Throwables;
import dev.greeter.guard.setting.InvalidSettingException;
import io.github.bucket4j.TimeMeter;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Protects a server: lets calls through that carry a secret, and limits what all others, and these,
 * can make the server keep and do.
 *
 * <p>A call meets the access log, the rate limit of its address, the check of the secret, the rate
 * limit of its client, the limits of calls and the mapping of failures, then its handler. Services
 * that are open skip the check and the rate limit of a client, and have limits of their own. Health
 * skips the log and the rate limit of an address, too: probes come at their own pace.
 *
 * <p>A call that fails ends like this:
 *
 * <ul>
 *   <li>A status that the handler has chosen, thrown or not, is passed on with its trailers.
 *   <li>For any other exception {@link Builder#failures} may choose a status.
 *   <li>Otherwise it is a server error: {@code INTERNAL} with a fixed text, and the stack trace in
 *       the log, once.
 * </ul>
 *
 * <p>A guard is for one server. It has a thread from {@link #around} on, until it is closed.
 */
public final class Guard implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Guard.class);

  static final String HEALTH = "grpc.health.v1.Health";

  /** JUL forgets loggers that nobody keeps, and their filters with them. */
  private static final List<java.util.logging.Logger> FILTERED = new ArrayList<>();

  static {
    // gRPC (1.63 to 1.85) parses requests in front of all interceptors, ends the call of one that
    // is
    // malformed, or too large once it is decompressed, with UNKNOWN, and logs a stack trace:
    // anybody
    // could fill the log through an open service.
    Predicate<LogRecord> malformed =
        line ->
            line.getThrown() != null
                && Throwables.getCausalChain(line.getThrown()).stream()
                    .flatMap(failure -> Stream.of(failure.getStackTrace()))
                    .anyMatch(
                        frame ->
                            frame.getMethodName().equals("parseRequest")
                                && frame.getClassName().equals("io.grpc.MethodDescriptor"));
    leaveOut("io.grpc.internal.SerializingExecutor", malformed);
    leaveOut("io.grpc.internal.SerializeReentrantCallsDirectExecutor", malformed);
    // Another for each connection that does not become HTTP/2, such as a request of HTTP/1. At FINE
    // they are still logged.
    Predicate<LogRecord> failed =
        line ->
            line.getThrown() != null
                && !java.util.logging.Logger.getLogger(line.getLoggerName()).isLoggable(Level.FINE);
    leaveOut("io.grpc.netty.NettyServerTransport.connections", failed);
    leaveOut("io.grpc.netty.shaded.io.grpc.netty.NettyServerTransport.connections", failed);
  }

  private static void leaveOut(String logger, Predicate<LogRecord> lines) {
    var jul = java.util.logging.Logger.getLogger(logger);
    Filter others = jul.getFilter();
    jul.setFilter(line -> !lines.test(line) && (others == null || others.isLoggable(line)));
    FILTERED.add(jul);
  }

  private final Builder settings;
  private final ServicePolicies policies;
  private final ServerInterceptor beforeCheck;
  private final ServerInterceptor check;
  private final ServerInterceptor afterCheck;
  private final CallLimitInterceptor calls;
  // Its thread starts with its first task.
  private final ScheduledExecutorService timer =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "guard");
            thread.setDaemon(true);
            return thread;
          });
  private boolean around;
  private boolean started;

  private Guard(Builder settings) {
    this.settings = settings;
    TimeMeter clock = TimeMeter.SYSTEM_NANOTIME;
    policies = new ServicePolicies(settings.openServices, settings.open, settings.guarded);
    Buckets failures =
        settings.failedAuthenticationsPerMinute == 0
            ? null
            : new Buckets(
                settings.failedAuthenticationsPerMinute,
                Duration.ofMinutes(1),
                settings.failedAuthenticationsPerMinute,
                settings.maxAddresses,
                clock);
    List<ServerInterceptor> outer = new ArrayList<>();
    if (settings.oneLoggedIn + settings.refusalsPerSecond + settings.failuresPerSecond > 0) {
      outer.add(new AccessLogInterceptor(new AccessLogWriter(settings, clock)));
    }
    if (settings.callsPerSecond > 0 || failures != null) {
      outer.add(new RateLimitInterceptor(settings, failures, clock));
    }
    beforeCheck = ServicePolicies.skipping(Set.of(HEALTH), chain(outer));
    check =
        new AuthenticationServerInterceptor(
            settings.header, settings.secrets, policies, failures, settings.events);
    calls = new CallLimitInterceptor(policies, settings.events);
    List<ServerInterceptor> inner = new ArrayList<>();
    if (settings.callsPerSecondOfClient > 0) {
      inner.add(new ClientRateInterceptor(settings, clock));
    }
    inner.add(calls);
    inner.add(new ExceptionInterceptor(settings.failures));
    afterCheck = chain(inner);
  }

  /**
   * Begins to describe a guard.
   *
   * @param secrets the values that are accepted; closed with the guard
   */
  public static Builder builder(Secrets secrets) {
    return new Builder(secrets);
  }

  /**
   * Puts the guard around a server that is being built: around its services, in whatever order they
   * are added, and around methods that do not exist. A fallback registry that the builder has is
   * replaced: give it to {@link Builder#fallbackHandlerRegistry}.
   *
   * @param server the builder, of any transport
   * @return the same builder
   * @throws IllegalStateException if the guard is around a server already
   */
  public <B extends ServerBuilder<?>> B around(B server) {
    synchronized (this) {
      if (around) {
        throw new IllegalStateException(
            "This guard is around a server already: build one for each server");
      }
      around = true;
    }
    // Of a server's interceptors the last meets a call first.
    server.intercept(afterCheck()).intercept(check).intercept(beforeCheck);
    configure(server, List.of());
    return server;
  }

  /**
   * Returns what calls meet before the check, for a framework that adds interceptors itself; it
   * adds {@link #check} and {@link #afterCheck} behind it, and calls {@link #configure}.
   */
  public ServerInterceptor beforeCheck() {
    return beforeCheck;
  }

  /**
   * Returns the check: it lets a call through only if its metadata carries a secret, or its service
   * is open, and closes others with {@code UNAUTHENTICATED}, "Access denied!".
   */
  public ServerInterceptor check() {
    return check;
  }

  /** Returns what calls meet after the check, the last of it next to the handlers. */
  public ServerInterceptor afterCheck() {
    start();
    return afterCheck;
  }

  /**
   * Adds to a server what no interceptor can do: it answers methods that do not exist behind the
   * interceptors, limits requests to open services as their bytes come, and tells connections
   * apart.
   *
   * @param interceptors what the framework puts around each service and not around the server, the
   *     outermost first
   */
  public void configure(ServerBuilder<?> server, List<ServerInterceptor> interceptors) {
    server
        .fallbackHandlerRegistry(new UnknownMethodRegistry(chain(interceptors), settings.fallback))
        .addStreamTracerFactory(new RequestSizeLimit(policies))
        .addTransportFilter(Peers.transportFilter());
  }

  /** Returns an interceptor that calls to open services skip. */
  public ServerInterceptor exceptOpenServices(ServerInterceptor interceptor) {
    return ServicePolicies.skipping(settings.openServices, interceptor);
  }

  /** Returns how many calls are open that the check has let through, or that need no secret. */
  public int openCalls() {
    return calls.open();
  }

  /**
   * Ends each call that could go on for as long as its client likes with {@code UNAVAILABLE}, and
   * each new one, before a server is shut down; the others finish.
   */
  public void drain() {
    calls.stop();
  }

  /**
   * Drains a server, shuts it down, waits for its end, and closes the guard.
   *
   * @param grace how long the other calls have to finish
   */
  public void stop(Server server, Duration grace) {
    drain();
    server.shutdown();
    try {
      server.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      server.shutdownNow();
      close();
    }
  }

  /** Ends the guard's thread, and no longer follows its secrets; for a server that has stopped. */
  @Override
  public void close() {
    timer.shutdownNow();
    settings.secrets.close();
  }

  private synchronized void start() {
    if (!started) {
      started = true;
      calls.start(timer);
      log.info("{}", settings);
    }
  }

  /** Returns one interceptor for several, the outermost first. */
  static ServerInterceptor chain(List<ServerInterceptor> interceptors) {
    if (interceptors.size() == 1) {
      return interceptors.get(0); // Without a handler around the next one at each call.
    }
    return new ServerInterceptor() {
      @Override
      public <Q, R> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        ServerCallHandler<Q, R> handler = next;
        for (int i = interceptors.size() - 1; i >= 0; i--) {
          ServerInterceptor interceptor = interceptors.get(i);
          ServerCallHandler<Q, R> inner = handler;
          handler = (c, h) -> interceptor.interceptCall(c, h, inner);
        }
        return handler.startCall(call, headers);
      }
    };
  }

  /**
   * The options of a guard. Those of an address do not apply to callers that have none, such as
   * those within the process.
   */
  public static final class Builder {

    private static final int MAX = 1_000_000;
    private static final Duration MILLISECOND = Duration.ofMillis(1);

    private final Secrets secrets;
    private String header = "authorization";
    private Set<String> openServices = Set.of(HEALTH);
    int callsPerSecond;
    int callsPerSecondOfClient;
    int burst = 100;
    private int failedAuthenticationsPerMinute;
    int maxAddresses = 10_000;
    private CallPolicy guarded =
        new CallPolicy(0, Duration.ofMinutes(5), 800, 1_000, Duration.ofNanos(Long.MAX_VALUE));
    private CallPolicy open =
        new CallPolicy(1024, Duration.ofSeconds(5), 20, 200, Duration.ofMinutes(10));
    int oneLoggedIn;
    int refusalsPerSecond = 10;
    int failuresPerSecond = 10;
    GuardEvents events = new GuardEvents() {};
    private Function<Throwable, @Nullable Status> failures = failure -> null;
    private @Nullable HandlerRegistry fallback;

    private Builder(Secrets secrets) {
      this.secrets = secrets;
    }

    /**
     * Names the metadata header that carries the secret; {@code authorization} by default.
     *
     * @throws InvalidSettingException if gRPC cannot carry it, or has a use of its own for it
     */
    public Builder header(String name) {
      checkHeader("header", name);
      header = name;
      return this;
    }

    /** Names the services that answer without the secret; by default health alone. */
    public Builder openServices(String... fullNames) {
      openServices = Set.of(fullNames);
      return this;
    }

    /**
     * Limits the calls that an address may make in a second, on average; 0, the default, is no
     * limit. Of IPv6, an address is a network of 64 bits.
     */
    public Builder callsPerSecond(int calls) {
      checkNumber("callsPerSecond", calls, 0, MAX);
      callsPerSecond = calls;
      return this;
    }

    /** Limits the calls of a client whose secret has a name, wherever they come from. */
    public Builder callsPerSecondOfClient(int calls) {
      checkNumber("callsPerSecondOfClient", calls, 0, MAX);
      callsPerSecondOfClient = calls;
      return this;
    }

    /** Lets an address or a client make this many calls at once after a rest; 100 by default. */
    public Builder burst(int calls) {
      checkNumber("burst", calls, 1, MAX);
      burst = calls;
      return this;
    }

    /**
     * Refuses all calls of an address for a while that has had this many secrets refused in a
     * minute; 0, the default, is no limit.
     */
    public Builder failedAuthenticationsPerMinute(int failures) {
      checkNumber("failedAuthenticationsPerMinute", failures, 0, MAX);
      failedAuthenticationsPerMinute = failures;
      return this;
    }

    /** Limits the addresses that are tracked separately; 10,000 by default. */
    public Builder maxAddresses(int addresses) {
      checkNumber("maxAddresses", addresses, 1, MAX);
      maxAddresses = addresses;
      return this;
    }

    /**
     * Ends a call with {@code ABORTED} in which nothing is said: no message of its client comes,
     * and none of the server is taken; 5 minutes by default. A call whose request is complete waits
     * for the handler as long as that takes.
     */
    public Builder callIdle(Duration idle) {
      checkDuration("callIdle", idle, MILLISECOND);
      guarded = guarded.withIdle(idle);
      return this;
    }

    /**
     * Limits the calls with the secret that are open at once.
     *
     * @param all 1,000 by default
     * @param perAddress 800 by default
     */
    public Builder maxCalls(int all, int perAddress) {
      checkPositive("maxCalls", all);
      checkPositive("maxCallsPerAddress", perAddress);
      guarded = guarded.withCalls(all, perAddress);
      return this;
    }

    /**
     * Limits the calls without the secret, to open services, that are open at once: the oldest
     * gives way to a new one.
     *
     * @param all 200 by default
     * @param perAddress 20 by default
     */
    public Builder maxOpenServiceCalls(int all, int perAddress) {
      checkPositive("maxOpenServiceCalls", all);
      checkPositive("maxOpenServiceCallsPerAddress", perAddress);
      open = open.withCalls(all, perAddress);
      return this;
    }

    /**
     * Limits how long a call without the secret may take.
     *
     * @param idle for its request to be complete, and for its answer to be taken; 5 seconds by
     *     default
     * @param duration from its beginning to its end; 10 minutes by default
     */
    public Builder openServiceCallTimes(Duration idle, Duration duration) {
      checkDuration("openServiceCallIdle", idle, MILLISECOND);
      checkDuration("openServiceCallDuration", duration, MILLISECOND);
      open = open.withIdle(idle).withMaxDuration(duration);
      return this;
    }

    /**
     * Limits the size of a request to an open service, on the wire; 1,024 bytes by default. All
     * requests have the limit of the server, {@code maxInboundMessageSize}.
     */
    public Builder openServiceRequestBytes(int bytes) {
      checkSize("openServiceRequestBytes", bytes);
      open = open.withMaxRequestBytes(bytes);
      return this;
    }

    /**
     * Chooses the calls that have a line in the log; 0 is none.
     *
     * @param oneIn one of this many calls that end well, at random; 0 by default
     * @param refusalsPerSecond lines in a second about refused calls, at most; 10 by default
     * @param failuresPerSecond lines in a second about other calls that do not end well, at most;
     *     10 by default
     */
    public Builder accessLog(int oneIn, int refusalsPerSecond, int failuresPerSecond) {
      checkNumber("accessLog.oneIn", oneIn, 0, MAX);
      checkNumber("accessLog.refusalsPerSecond", refusalsPerSecond, 0, MAX);
      checkNumber("accessLog.failuresPerSecond", failuresPerSecond, 0, MAX);
      oneLoggedIn = oneIn;
      this.refusalsPerSecond = refusalsPerSecond;
      this.failuresPerSecond = failuresPerSecond;
      return this;
    }

    /** Notifies somebody of each refusal, for metrics. */
    public Builder events(GuardEvents events) {
      this.events = events;
      return this;
    }

    /**
     * Chooses the status of a call whose handler has thrown an exception that has none.
     *
     * @param statusOf returns the status, whose description the caller reads; null for {@code
     *     INTERNAL} and a stack trace in the log
     */
    public Builder failures(Function<Throwable, @Nullable Status> statusOf) {
      failures = statusOf;
      return this;
    }

    /** Finds the methods that no service of the server has. */
    public Builder fallbackHandlerRegistry(HandlerRegistry registry) {
      fallback = registry;
      return this;
    }

    /** Builds the guard. */
    public Guard build() {
      return new Guard(this);
    }

    /**
     * Returns the settings, without a secret: neither the header nor an open service without a
     * package is named, in whose place one may stand.
     */
    @Override
    public String toString() {
      var named = openServices.stream().filter(name -> name.contains(".")).sorted().toList();
      return ("Guarded by %s; open: %s, %d others; an address: %s calls/s, %s refused secrets/min, %d"
              + " calls at once; a client: %s calls/s; calls end when idle for %d s")
          .formatted(
              secrets,
              named,
              openServices.size() - named.size(),
              limit(callsPerSecond),
              limit(failedAuthenticationsPerMinute),
              guarded.maxCallsPerAddress(),
              limit(callsPerSecondOfClient),
              guarded.idle().toSeconds());
    }

    private static String limit(int number) {
      return number == 0 ? "unlimited" : Integer.toString(number);
    }
  }
}
