package dev.greeter.guard;

import static dev.greeter.guard.InvalidSettingException.checkDuration;
import static dev.greeter.guard.InvalidSettingException.checkHeader;
import static dev.greeter.guard.InvalidSettingException.checkNumber;
import static dev.greeter.guard.InvalidSettingException.checkPositive;
import static dev.greeter.guard.InvalidSettingException.checkSize;

import com.google.common.base.Throwables;
import com.google.common.collect.Lists;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.logging.Filter;
import java.util.logging.Level;
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

  private static final String HEALTH = "grpc.health.v1.Health";

  /** JUL forgets loggers that nobody keeps, and their filters with them. */
  private static final List<java.util.logging.Logger> FILTERED = new ArrayList<>();

  static {
    // gRPC (1.63 to 1.85) logs stack traces of what peers send before any interceptor runs:
    // requests
    // that are malformed, or too large once they are decompressed, and connections that do not
    // become HTTP/2. Anybody could fill the log. At FINE they are still logged.
    for (String executor :
        List.of("SerializingExecutor", "SerializeReentrantCallsDirectExecutor")) {
      leaveOut("io.grpc.internal." + executor, "io.grpc.MethodDescriptor.parseRequest");
    }
    for (String netty : List.of("io.grpc.netty.", "io.grpc.netty.shaded.io.grpc.netty.")) {
      leaveOut(netty + "NettyServerStream", RequestLimit.class.getName() + ".inboundWireSize");
      leaveOut(netty + "NettyServerTransport.connections", "");
    }
  }

  private static void leaveOut(String logger, String thrownIn) {
    var jul = java.util.logging.Logger.getLogger(logger);
    Filter others = jul.getFilter();
    jul.setFilter(
        line ->
            (jul.isLoggable(Level.FINE) || !wasThrownIn(thrownIn, line.getThrown()))
                && (others == null || others.isLoggable(line)));
    FILTERED.add(jul);
  }

  private static boolean wasThrownIn(String frame, @Nullable Throwable failure) {
    return failure != null
        && (frame.isEmpty()
            || Throwables.getCausalChain(failure).stream()
                .flatMap(cause -> Stream.of(cause.getStackTrace()))
                .anyMatch(each -> each.toString().contains(frame)));
  }

  private final Builder settings;
  private final ServerInterceptor beforeCheck;
  private final ServerInterceptor check;
  private final ServerInterceptor afterCheck;
  private final CallLimitInterceptor calls;
  // Its thread starts with its first task.
  private final ScheduledExecutorService timer =
      new ScheduledThreadPoolExecutor(
          1, new ThreadFactoryBuilder().setNameFormat("guard").setDaemon(true).build());
  private final AtomicBoolean started = new AtomicBoolean();

  private Guard(Builder settings) {
    this.settings = settings;
    TimeMeter clock = TimeMeter.SYSTEM_NANOTIME;
    List<ServerInterceptor> outer = new ArrayList<>();
    if (settings.oneLoggedIn + settings.refusalsPerSecond + settings.failuresPerSecond > 0) {
      outer.add(new AccessLog(settings, clock));
    }
    if (settings.callsPerSecond > 0) {
      outer.add(RateLimitInterceptor.ofAddress(settings, clock));
    }
    TokenBuckets failures = null;
    if (settings.failedAuthenticationsPerMinute > 0) {
      int most = settings.failedAuthenticationsPerMinute;
      failures = new TokenBuckets(most, Duration.ofMinutes(1), most, settings.maxAddresses, clock);
      outer.add(RateLimitInterceptor.ofGuesses(settings, failures, clock));
    }
    beforeCheck = skipping(Set.of(HEALTH), outer);
    check = new AuthenticationServerInterceptor(settings, failures, System::nanoTime);
    List<ServerInterceptor> inner = new ArrayList<>();
    if (!settings.behindCheck.isEmpty()) {
      inner.add(skipping(settings.openServices, settings.behindCheck));
    }
    if (settings.callsPerSecondOfClient > 0) {
      inner.add(RateLimitInterceptor.ofClient(settings, clock));
    }
    calls = new CallLimitInterceptor(settings);
    inner.add(calls);
    afterCheck = chain(inner);
  }

  /**
   * Returns a builder with the default limits.
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
    if (!start()) {
      throw new IllegalStateException(
          "This guard is around a server already: build one for each server");
    }
    // Of a server's interceptors the last meets a call first.
    server.intercept(afterCheck).intercept(check).intercept(beforeCheck);
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
    var unused = start();
    return afterCheck;
  }

  /**
   * Adds to a server what no interceptor can do: it answers methods that do not exist behind the
   * interceptors, limits the size and the pieces of requests, and tracks connections separately.
   *
   * @param interceptors what the framework puts around each service and not around the server, the
   *     outermost first
   */
  public void configure(ServerBuilder<?> server, List<ServerInterceptor> interceptors) {
    server
        .fallbackHandlerRegistry(new UnknownMethodRegistry(chain(interceptors), settings.fallback))
        .addStreamTracerFactory(RequestLimit.factory(settings))
        .addTransportFilter(Peer.transportFilter());
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

  private boolean start() {
    boolean first = started.compareAndSet(false, true);
    if (first) {
      calls.start(timer);
      log.info("{}", settings);
    }
    return first;
  }

  private static ServerInterceptor skipping(
      Set<String> services, List<ServerInterceptor> interceptors) {
    ServerInterceptor chain = chain(interceptors);
    return new ServerInterceptor() {
      @Override
      public <Q, R> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return isOf(services, call)
            ? next.startCall(call, headers)
            : chain.interceptCall(call, headers, next);
      }
    };
  }

  private static boolean isOf(Set<String> services, ServerCall<?, ?> call) {
    String service = call.getMethodDescriptor().getServiceName();
    return service != null && services.contains(service);
  }

  private static ServerInterceptor chain(List<ServerInterceptor> interceptors) {
    if (interceptors.size() == 1) {
      return interceptors.get(0); // Without a handler around the next one at each call.
    }
    return new ServerInterceptor() {
      @Override
      public <Q, R> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        ServerCallHandler<Q, R> handler = next;
        for (ServerInterceptor interceptor : Lists.reverse(interceptors)) {
          ServerCallHandler<Q, R> inner = handler;
          handler = (c, h) -> interceptor.interceptCall(c, h, inner);
        }
        return handler.startCall(call, headers);
      }
    };
  }

  /**
   * The options of one guard, which must not be changed once it is built. Limits for an address do
   * not apply to callers that have none, such as those within the process.
   */
  public static final class Builder {

    private static final int MAX = 1_000_000;
    private static final Duration MILLISECOND = Duration.ofMillis(1);

    final Secrets secrets;
    String header = "authorization";
    Set<String> openServices = Set.of(HEALTH);
    int callsPerSecond;
    int callsPerSecondOfClient;
    int burst = 100;
    int failedAuthenticationsPerMinute;
    int maxAddresses = 10_000;
    Duration callIdle = Duration.ofMinutes(5);
    int maxCalls = 1_000;
    int maxCallsPerAddress = 800;
    Duration openServiceCallIdle = Duration.ofSeconds(5);
    Duration openServiceCallDuration = Duration.ofMinutes(10);
    int openServiceRequestBytes = 16 * 1024;
    int maxOpenServiceCalls = 200;
    int maxOpenServiceCallsPerAddress = 20;
    int oneLoggedIn;
    int refusalsPerSecond = 10;
    int failuresPerSecond = 10;
    GuardEvents events = new GuardEvents() {};
    Function<Throwable, @Nullable Status> failures = failure -> null;
    private List<ServerInterceptor> behindCheck = List.of();
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
      header = checkHeader("header", name);
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
      callsPerSecond = checkNumber("callsPerSecond", calls, 0, MAX);
      return this;
    }

    /** Limits the calls of a client whose secret has a name, wherever they come from. */
    public Builder callsPerSecondOfClient(int calls) {
      callsPerSecondOfClient = checkNumber("callsPerSecondOfClient", calls, 0, MAX);
      return this;
    }

    /** Lets an address or a client make this many calls at once after a rest; 100 by default. */
    public Builder burst(int calls) {
      burst = checkNumber("burst", calls, 1, MAX);
      return this;
    }

    /**
     * Refuses all calls of an address for a while that has had this many secrets refused in a
     * minute; 0, the default, is no limit.
     */
    public Builder failedAuthenticationsPerMinute(int failures) {
      failedAuthenticationsPerMinute =
          checkNumber("failedAuthenticationsPerMinute", failures, 0, MAX);
      return this;
    }

    /** Limits the addresses that are tracked separately; 10,000 by default. */
    public Builder maxAddresses(int addresses) {
      maxAddresses = checkNumber("maxAddresses", addresses, 1, MAX);
      return this;
    }

    /**
     * Ends a call with {@code ABORTED} in which nothing is said: no message of its client comes,
     * and none of the server is taken; 5 minutes by default. A call whose request is complete waits
     * for the handler as long as that takes.
     */
    public Builder callIdle(Duration idle) {
      callIdle = checkDuration("callIdle", idle, MILLISECOND);
      return this;
    }

    /**
     * Limits the calls with the secret that are open at once.
     *
     * @param all 1,000 by default
     * @param perAddress 800 by default
     */
    public Builder maxCalls(int all, int perAddress) {
      maxCalls = checkPositive("maxCalls", all);
      maxCallsPerAddress = checkPositive("maxCallsPerAddress", perAddress);
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
      maxOpenServiceCalls = checkPositive("maxOpenServiceCalls", all);
      maxOpenServiceCallsPerAddress = checkPositive("maxOpenServiceCallsPerAddress", perAddress);
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
      openServiceCallIdle = checkDuration("openServiceCallIdle", idle, MILLISECOND);
      openServiceCallDuration = checkDuration("openServiceCallDuration", duration, MILLISECOND);
      return this;
    }

    /**
     * Limits the size of a request to an open service, on the wire; 16 KB by default. All requests
     * have the limit of the server, {@code maxInboundMessageSize}.
     */
    public Builder openServiceRequestBytes(int bytes) {
      checkSize("openServiceRequestBytes", bytes);
      openServiceRequestBytes = bytes;
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
      oneLoggedIn = checkNumber("accessLog.oneIn", oneIn, 0, MAX);
      this.refusalsPerSecond =
          checkNumber("accessLog.refusalsPerSecond", refusalsPerSecond, 0, MAX);
      this.failuresPerSecond =
          checkNumber("accessLog.failuresPerSecond", failuresPerSecond, 0, MAX);
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

    /**
     * Adds interceptors between the check and the limits of calls, the outermost first, such as one
     * for tracing. Calls to open services skip them: what they keep of a call is out of reach for
     * callers without the secret.
     */
    public Builder behindCheck(ServerInterceptor... interceptors) {
      behindCheck = List.of(interceptors);
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
              maxCallsPerAddress,
              limit(callsPerSecondOfClient),
              callIdle.toSeconds());
    }

    boolean isOpen(ServerCall<?, ?> call) {
      return isOf(openServices, call);
    }

    // Without a look-up, for which the name of the service would be cut out for each call.
    boolean isOpen(String fullMethodName) {
      for (String service : openServices) {
        if (fullMethodName.startsWith(service)
            && fullMethodName.startsWith("/", service.length())) {
          return true;
        }
      }
      return false;
    }

    private static String limit(int number) {
      return number == 0 ? "unlimited" : Integer.toString(number);
    }
  }
}
