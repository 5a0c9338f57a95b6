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
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
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
 * Protects a server: accepts calls that carry a secret, and limits the memory and work that any
 * call can cause.
 *
 * <p>A call passes the access log, the rate limit of its address, the check of the secret, the rate
 * limit of its client, the call limits and the mapping of failures, then its handler. Open services
 * skip the check and the rate limit of a client, and have their own limits. Health also skips the
 * log and the rate limit of an address: probes set their own pace.
 *
 * <p>A call that fails ends like this:
 *
 * <ul>
 *   <li>A status that the handler chose, thrown or not, is passed on with its trailers.
 *   <li>For any other exception, {@link Builder#failures} may choose a status.
 *   <li>Otherwise it is a server error: {@code INTERNAL} with a fixed text, and the stack trace in
 *       the log, once.
 * </ul>
 *
 * <p>A guard protects one server, or all servers of one framework, which share its limits. It runs
 * a thread from {@link #around}, {@link #afterCheck} or {@link #limitConnections} until it is
 * closed.
 */
public final class Guard implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Guard.class);

  private static final String HEALTH = "grpc.health.v1.Health";

  /** JUL discards unreferenced loggers together with their filters. */
  private static final List<java.util.logging.Logger> FILTERED = new ArrayList<>();

  static {
    // gRPC (1.63 to 1.85) logs stack traces for invalid input before any interceptor runs: frames
    // that violate HTTP/2, malformed or oversized requests, and connections that do not become
    // HTTP/2. Any peer could fill the log. At FINE they are still logged.
    for (String executor :
        List.of("SerializingExecutor", "SerializeReentrantCallsDirectExecutor")) {
      leaveOut("io.grpc.internal." + executor, "io.grpc.MethodDescriptor.parseRequest");
    }
    for (String netty : List.of("io.grpc.netty.", "io.grpc.netty.shaded.io.grpc.netty.")) {
      leaveOut(netty + "NettyServerHandler", "Http2Exception");
      leaveOut(netty + "NettyServerStream", "io.grpc.Status");
      leaveOut(netty + "NettyServerTransport.connections", "");
    }
  }

  private static void leaveOut(String logger, String cause) {
    var jul = java.util.logging.Logger.getLogger(logger);
    Filter others = jul.getFilter();
    jul.setFilter(
        line ->
            (jul.isLoggable(Level.FINE) || !isCausedBy(cause, line.getThrown()))
                && (others == null || others.isLoggable(line)));
    FILTERED.add(jul);
  }

  /** Returns whether an exception or its trace contains a name; all contain the empty name. */
  private static boolean isCausedBy(String name, @Nullable Throwable failure) {
    return failure != null
        && Throwables.getCausalChain(failure).stream()
            .flatMap(
                cause ->
                    Stream.concat(
                        Stream.of(cause.getClass().getName()), Stream.of(cause.getStackTrace())))
            .anyMatch(each -> each.toString().contains(name));
  }

  private final Builder settings;
  private final ServerInterceptor beforeCheck;
  private final AuthenticationServerInterceptor check;
  private final ServerInterceptor afterCheck;
  private final CallLimitInterceptor calls;
  // Its thread starts with its first task.
  private final ScheduledExecutorService timer =
      new ScheduledThreadPoolExecutor(
          1, new ThreadFactoryBuilder().setNameFormat("guard").setDaemon(true).build());
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile @Nullable ConnectionLimiter connections;
  private volatile Runnable atClose = () -> {};

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
    beforeCheck = settings.trustedProxies.around(skipping(Set.of(HEALTH), outer));
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
   * @param secrets the accepted secrets; closed with the guard
   */
  public static Builder builder(Secrets secrets) {
    return new Builder(secrets);
  }

  /**
   * Puts the guard around a server that is being built: around its services, in any order, and
   * around methods that do not exist. Replaces the builder's fallback registry: pass it to {@link
   * Builder#fallbackHandlerRegistry} instead.
   *
   * @param server the builder, of any transport
   * @return the same builder
   * @throws IllegalStateException if the guard already protects a server
   */
  public <B extends ServerBuilder<?>> B around(B server) {
    if (!start()) {
      throw new IllegalStateException(
          "This guard already protects a server: build one for each server");
    }
    // The interceptor that was added last runs first.
    server.intercept(afterCheck).intercept(check).intercept(beforeCheck);
    configure(server, List.of());
    return server;
  }

  /**
   * Returns the interceptor before the check, for a framework that adds interceptors itself. It
   * then adds {@link #check} and {@link #afterCheck}, and calls {@link #configure}.
   */
  public ServerInterceptor beforeCheck() {
    return beforeCheck;
  }

  /**
   * Returns the check. It accepts a call only if its metadata carries a secret or its service is
   * open, and closes others with {@code UNAUTHENTICATED}, "Access denied!". It closes a call whose
   * secret does not permit its method with {@code PERMISSION_DENIED}.
   */
  public ServerInterceptor check() {
    return check;
  }

  /** Returns the interceptor after the check, which runs directly before the handlers. */
  public ServerInterceptor afterCheck() {
    var unused = start();
    return afterCheck;
  }

  /**
   * Configures what no interceptor can do: answers calls to unknown methods after the interceptors,
   * limits the size and the pieces of requests, and tracks connections separately.
   *
   * @param interceptors those that the framework puts around each service, not around the server,
   *     outermost first
   */
  public void configure(ServerBuilder<?> server, List<ServerInterceptor> interceptors) {
    if (connections == null && !server.getClass().getName().startsWith("io.grpc.inprocess.")) {
      log.warn(
          "Connections are not limited: without the secret, a peer can exhaust the JVM's memory."
              + " GuardedNetty in grpc-guard-netty limits them");
    }
    if (settings.executor != null) {
      server.directExecutor().callExecutor(executorOfAccepted(settings.executor));
    }
    server
        .fallbackHandlerRegistry(new UnknownMethodRegistry(chain(interceptors), settings.fallback))
        .addStreamTracerFactory(RequestLimit.factory(settings))
        .addTransportFilter(Peer.transportFilter(settings.trustedProxies));
  }

  /**
   * Limits the connections of a server whose transport can close them. Call it before {@link
   * #around} or {@link #configure}. Each connection has a {@link Peer} to admit and later remove.
   *
   * @param max connections open at once
   * @param maxPerAddress of these, those from one IP address or IPv6 /64 network; all proxies
   *     together may use nine tenths of {@code max}
   * @param maxUnauthenticated of these, those on which no call has carried a secret yet
   * @param maxUnauthenticatedPerAddress of these, those from one IP address
   * @param unauthenticatedIdle how long one of these may be without a call to an open service
   * @param atClose runs when the guard is closed
   * @throws IllegalStateException if they are already limited
   */
  public synchronized ConnectionLimiter limitConnections(
      int max,
      int maxPerAddress,
      int maxUnauthenticated,
      int maxUnauthenticatedPerAddress,
      Duration unauthenticatedIdle,
      Runnable atClose) {
    if (connections != null) {
      throw new IllegalStateException("The connections of this guard are already limited");
    }
    var limiter =
        new ConnectionLimiter(
            max,
            maxPerAddress,
            maxUnauthenticated,
            maxUnauthenticatedPerAddress,
            settings.trustedProxies,
            settings.events);
    limiter.closeIdle(unauthenticatedIdle, timer);
    this.atClose = atClose;
    connections = limiter;
    return limiter;
  }

  /**
   * Logs which lines of a clients' file permit a service or a method that the server does not have,
   * now and after each change of the file. Only line numbers are shown: any word may be a misplaced
   * secret.
   *
   * @param services the server's, as returned by {@link Server#getServices}
   */
  public void checkPermissions(List<ServerServiceDefinition> services) {
    Set<String> names = new HashSet<>();
    for (ServerServiceDefinition service : services) {
      names.add(service.getServiceDescriptor().getName());
      service.getMethods().forEach(m -> names.add(m.getMethodDescriptor().getFullMethodName()));
    }
    settings.secrets.checkPermissions(names);
  }

  /** Returns how many calls are open that passed the check or need no secret. */
  public int openCalls() {
    return calls.open();
  }

  /**
   * Prepares a server for shutdown: ends calls that a client could keep open indefinitely,
   * including new ones, with {@code UNAVAILABLE}; the others finish. If connections are limited,
   * unauthenticated ones are closed shortly.
   */
  public void drain() {
    calls.stop();
    ConnectionLimiter limited = connections;
    if (limited != null) {
      limited.stop();
    }
  }

  /**
   * Drains a server, shuts it down, waits until it terminates, and closes the guard.
   *
   * @param grace how long the remaining calls may take to finish
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

  /** Stops the guard's thread and stops watching its secrets; call it after the server stops. */
  @Override
  public void close() {
    timer.shutdownNow();
    settings.secrets.close();
    atClose.run();
  }

  private boolean start() {
    boolean first = started.compareAndSet(false, true);
    if (first) {
      calls.start(timer);
      log.info("{}", settings);
    }
    return first;
  }

  private ServerCallExecutorSupplier executorOfAccepted(Executor executor) {
    return new ServerCallExecutorSupplier() {
      /** Returns null for the thread that the call arrived on. */
      @Override
      public <Q, R> @Nullable Executor getExecutor(ServerCall<Q, R> call, Metadata headers) {
        return isOf(Set.of(HEALTH), call) || !check.isAccepted(call, headers) ? null : executor;
      }
    };
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

  static boolean isOf(Set<String> services, ServerCall<?, ?> call) {
    String service = call.getMethodDescriptor().getServiceName();
    return service != null && services.contains(service);
  }

  private static ServerInterceptor chain(List<ServerInterceptor> interceptors) {
    if (interceptors.size() == 1) {
      return interceptors.get(0); // Saves a handler for each call.
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
   * The options of one guard; do not change them once it is built. Limits for an address do not
   * apply to callers without one, such as in-process callers.
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
    TrustedProxies trustedProxies = TrustedProxies.of("trustedProxies", List.of());
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
    private @Nullable Executor executor;

    private Builder(Secrets secrets) {
      this.secrets = secrets;
    }

    /**
     * Sets the metadata header that carries the secret; {@code authorization} by default.
     *
     * @throws InvalidSettingException if gRPC cannot carry it or uses it itself
     */
    public Builder header(String name) {
      header = checkHeader("header", name);
      return this;
    }

    /**
     * Sets the services that answer without the secret; only health by default. Their handlers must
     * not block: callers without the secret could occupy all threads of the {@link #executor}.
     */
    public Builder openServices(String... fullNames) {
      openServices = Set.of(fullNames);
      return this;
    }

    /**
     * Limits the average number of calls per second from an address; 0, the default, means no
     * limit. For IPv6, an address is a /64 network.
     */
    public Builder callsPerSecond(int calls) {
      callsPerSecond = checkNumber("callsPerSecond", calls, 0, MAX);
      return this;
    }

    /** Limits the same for a client with a named secret, regardless of its address. */
    public Builder callsPerSecondOfClient(int calls) {
      callsPerSecondOfClient = checkNumber("callsPerSecondOfClient", calls, 0, MAX);
      return this;
    }

    /** Allows an address or a client this many calls at once after a pause; 100 by default. */
    public Builder burst(int calls) {
      burst = checkNumber("burst", calls, 1, MAX);
      return this;
    }

    /**
     * Temporarily refuses all calls from an address after this many refused secrets in a minute; 0,
     * the default, means no limit.
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
     * Sets the proxies that calls may come through. For a call from a proxy, the client's address
     * is the last one in {@code x-forwarded-for} that is not a proxy's. It applies to the limits of
     * an address, to the log, and, as {@code Grpc.TRANSPORT_ATTR_REMOTE_ADDR}, to interceptors and
     * handlers. Each proxy must append its caller's address: if one forwards the header unchanged,
     * callers can forge theirs.
     *
     * @param networks in CIDR notation, such as {@code 10.1.0.0/16}; none by default
     * @throws InvalidSettingException if one is not a network
     */
    public Builder trustedProxies(String... networks) {
      trustedProxies = TrustedProxies.of("trustedProxies", List.of(networks));
      return this;
    }

    /**
     * Ends an idle call with {@code ABORTED}: its client neither sends nor receives a message; 5
     * minutes by default. A call whose request is complete waits for the handler without a limit.
     */
    public Builder callIdle(Duration idle) {
      callIdle = checkDuration("callIdle", idle, MILLISECOND);
      return this;
    }

    /**
     * Limits the concurrent calls with the secret.
     *
     * @param all 1,000 by default
     * @param perAddress 800 by default
     */
    public Builder maxCalls(int all, int perAddress) {
      return maxCalls(all).maxCallsPerAddress(perAddress);
    }

    /** Limits the concurrent calls with the secret; 1,000 by default. */
    public Builder maxCalls(int all) {
      maxCalls = checkPositive("maxCalls", all);
      return this;
    }

    /** Limits the concurrent calls with the secret from one address; 800 by default. */
    public Builder maxCallsPerAddress(int calls) {
      maxCallsPerAddress = checkPositive("maxCallsPerAddress", calls);
      return this;
    }

    /**
     * Limits the concurrent calls to open services without the secret: the oldest gives way to a
     * new one.
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
     * @param idle until its request is complete, and until its answer is received; 5 seconds by
     *     default
     * @param duration from its start to its end; 10 minutes by default
     */
    public Builder openServiceCallTimes(Duration idle, Duration duration) {
      openServiceCallIdle = checkDuration("openServiceCallIdle", idle, MILLISECOND);
      openServiceCallDuration = checkDuration("openServiceCallDuration", duration, MILLISECOND);
      return this;
    }

    /**
     * Limits the size of a request to an open service, on the wire; 16 KB by default. The server's
     * {@code maxInboundMessageSize} applies to all requests.
     */
    public Builder openServiceRequestBytes(int bytes) {
      checkSize("openServiceRequestBytes", bytes);
      openServiceRequestBytes = bytes;
      return this;
    }

    /**
     * Chooses the calls to log; 0 means none.
     *
     * @param oneIn one in this many successful calls, at random; 0 by default
     * @param refusalsPerSecond maximum lines per second for refused calls; 10 by default: those
     *     with {@code UNAUTHENTICATED}, {@code PERMISSION_DENIED} and {@code RESOURCE_EXHAUSTED}
     * @param failuresPerSecond maximum lines per second for other failed calls; 10 by default
     */
    public Builder accessLog(int oneIn, int refusalsPerSecond, int failuresPerSecond) {
      accessLog(oneIn);
      this.refusalsPerSecond =
          checkNumber("accessLog.refusalsPerSecond", refusalsPerSecond, 0, MAX);
      this.failuresPerSecond =
          checkNumber("accessLog.failuresPerSecond", failuresPerSecond, 0, MAX);
      return this;
    }

    /** Logs one in this many successful calls, at random; 0, the default, means none. */
    public Builder accessLog(int oneIn) {
      oneLoggedIn = checkNumber("accessLog.oneIn", oneIn, 0, MAX);
      return this;
    }

    /** Sets the listener for events, such as metrics. */
    public Builder events(GuardEvents events) {
      this.events = events;
      return this;
    }

    /**
     * Chooses the status of a call whose handler threw an exception without one.
     *
     * @param statusOf returns the status, whose description the caller can read; null for {@code
     *     INTERNAL} and a stack trace in the log
     */
    public Builder failures(Function<Throwable, @Nullable Status> statusOf) {
      failures = statusOf;
      return this;
    }

    /**
     * Adds interceptors between the check and the call limits, outermost first, such as one for
     * tracing. Calls to open services skip them: callers without the secret cannot use their
     * memory.
     */
    public Builder behindCheck(ServerInterceptor... interceptors) {
      behindCheck = List.of(interceptors);
      return this;
    }

    /** Sets the registry for methods that no service of the server has. */
    public Builder fallbackHandlerRegistry(HandlerRegistry registry) {
      fallback = registry;
      return this;
    }

    /**
     * Sets the executor for calls that carry a secret and for calls to open services except health.
     * Other calls reach no handler of the service and stay on the transport's threads. By default,
     * all calls use the server's executor: in gRPC's own, unlimited pool, calls without the secret
     * each occupy a thread or delay calls with it.
     */
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    /** Builds the guard. */
    public Guard build() {
      return new Guard(this);
    }

    /**
     * Returns the settings without a secret: omits the header and open services without a package,
     * which may be misplaced secrets.
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

    // A set lookup would create a substring for each call.
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
