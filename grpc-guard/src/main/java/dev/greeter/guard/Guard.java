package dev.greeter.guard;

import dev.greeter.guard.access.AccessLog;
import dev.greeter.guard.auth.AuthenticationServerInterceptor;
import dev.greeter.guard.auth.GuardEvents;
import dev.greeter.guard.auth.Secrets;
import dev.greeter.guard.limit.CallLimitInterceptor;
import dev.greeter.guard.limit.CallPolicy;
import dev.greeter.guard.limit.Peers;
import dev.greeter.guard.limit.RateLimit;
import dev.greeter.guard.limit.ServicePolicies;
import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * All parts of the guard, in their order, around a server. A call meets the access log, the rate
 * limit of its address, the check of the secret, the rate limit of its client, the limits of calls
 * and the mapping of failures, then its handler. Who wants another order, or has a framework that
 * adds interceptors, takes the parts.
 *
 * <p>A call that has failed ends like this:
 *
 * <ul>
 *   <li>A status exception is the handler's own answer, and passed on with its trailers.
 *   <li>A message that is no protobuf, and an {@link IllegalArgumentException}, are the caller's
 *       fault: {@code INVALID_ARGUMENT} with the exception's message.
 *   <li>Anything else is ours: {@code INTERNAL} with a fixed text, and the stack trace in the log.
 * </ul>
 */
public final class Guard {

  private final AuthenticationServerInterceptor check;
  private final ServicePolicies policies;
  private final RateLimit rateLimit;
  private final AccessLog accessLog;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "guard");
            thread.setDaemon(true);
            return thread;
          });
  private final CallLimitInterceptor calls;

  /**
   * Creates a guard that takes the secret from the header {@code authorization} and leaves health
   * open. It has the limits of {@link CallPolicy#OPEN} and {@link CallPolicy#GUARDED}, and logs ten
   * refused and ten failed calls a second.
   *
   * @param secrets the values that are accepted
   * @param rateLimit how often an address may call services that are not open, and how often a
   *     client
   */
  public Guard(Secrets secrets, RateLimit rateLimit) {
    this(
        secrets,
        rateLimit,
        new ServicePolicies(Set.of("grpc.health.v1.Health"), CallPolicy.OPEN, CallPolicy.GUARDED));
  }

  private Guard(Secrets secrets, RateLimit rateLimit, ServicePolicies policies) {
    this(
        new AuthenticationServerInterceptor("authorization", secrets, policies, GuardEvents.NONE),
        policies,
        rateLimit,
        new AccessLog(0, 10, 10));
  }

  /**
   * Creates a guard.
   *
   * @param check the check of the secret
   * @param policies which services need none, and what calls may take
   * @param rateLimit how often an address may call services that are not open, and how often a
   *     client
   * @param accessLog which calls have a line in the log
   */
  public Guard(
      AuthenticationServerInterceptor check,
      ServicePolicies policies,
      RateLimit rateLimit,
      AccessLog accessLog) {
    this.check = check;
    this.policies = policies;
    this.rateLimit = rateLimit;
    this.accessLog = accessLog;
    this.calls = new CallLimitInterceptor(policies, timer);
  }

  /**
   * Puts the guard around a server that is being built.
   *
   * @param server the builder, of any transport
   * @param services what it serves; those that it has already parse their requests in front of the
   *     guard, unless they went through {@link #parsingWithin}
   * @return the same builder
   */
  public <B extends ServerBuilder<?>> B around(B server, BindableService... services) {
    for (BindableService service : services) {
      server.addService(parsingWithin(service.bindService()));
    }
    // Of a server's interceptors the last meets a call first.
    server.intercept(failures()).intercept(calls);
    rateLimit.clientInterceptor(client -> {}).ifPresent(server::intercept);
    server
        .intercept(check)
        .intercept(policies.beforeGuarded(rateLimit.interceptor()))
        .intercept(accessLog.interceptor())
        .fallbackHandlerRegistry(unknownMethods(List.of()))
        .addTransportFilter(Peers.transportFilter())
        .addStreamTracerFactory(calls.requestSizes());
    return server;
  }

  /**
   * Ends each call that could go on for as long as its client likes with {@code UNAVAILABLE}, and
   * each new one, before a server is shut down; the others finish.
   */
  public void drain() {
    calls.stop();
  }

  /**
   * Drains a server, shuts it down, and waits for its end.
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
      timer.shutdownNow();
    }
  }

  /**
   * Returns what ends failed calls, whether the handler threw or answered with {@code onError}. It
   * belongs next to the handlers, so that the other interceptors see how the call has ended.
   */
  public static ServerInterceptor failures() {
    return new ExceptionInterceptor();
  }

  /**
   * Has a service parse its requests behind the interceptors: grpc-java 1.83 parses in front of all
   * of them, ends the call of a malformed one with {@code UNKNOWN} and logs a stack trace, with
   * which anybody could fill the log through a service that is open to all. Not by {@code
   * useInputStreamMessages}, which copies each message: it took a third of a call's time.
   *
   * @param service the service before any interceptor is put around it
   * @return the same service, for interceptors that leave messages alone
   */
  public static ServerServiceDefinition parsingWithin(ServerServiceDefinition service) {
    return ServerInterceptors.useMarshalledMessages(service, Unparsed.MARSHALLER);
  }

  /**
   * Answers calls to methods that do not exist with {@code UNIMPLEMENTED}, behind the interceptors:
   * without it grpc-java answers before any has run, and whoever has no secret can find out what
   * there is.
   *
   * @param interceptors what these calls go through beside the interceptors of the whole server,
   *     the outermost first
   */
  public static HandlerRegistry unknownMethods(List<ServerInterceptor> interceptors) {
    return new UnknownMethodRegistry(interceptors);
  }
}
