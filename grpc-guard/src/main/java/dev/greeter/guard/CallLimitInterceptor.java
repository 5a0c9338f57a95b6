package dev.greeter.guard;

import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import dev.greeter.guard.GuardEvents.Refusal;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits how many calls are open at once, how long they wait for their client, and how long they
 * last. Closes calls whose handler fails. Runs after the check. Within a second, it ends calls
 * whose secret no longer permits their method or is no longer accepted; the latter includes calls
 * to open services on the connection.
 *
 * <p>A client that waits too long receives {@code ABORTED}: clients retry {@code UNAVAILABLE}
 * automatically, and mistake {@code DEADLINE_EXCEEDED} for their own deadline.
 */
final class CallLimitInterceptor implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(CallLimitInterceptor.class);

  private static final Status STOPPING =
      Status.UNAVAILABLE.withDescription("The service is stopping: call again");

  private static final Status SECRET_REVOKED =
      Status.UNAUTHENTICATED.withDescription("The secret of this call is no longer accepted");

  private static final Status TOO_MANY =
      Status.RESOURCE_EXHAUSTED.withDescription("Too many concurrent calls: call again");

  private static final Duration MAX_PERIOD = Duration.ofSeconds(1);

  private final Guard.Builder settings;
  private final Set<GuardedCall<?, ?>> guarded = ConcurrentHashMap.newKeySet();
  private final Set<GuardedCall<?, ?>> unauthenticated = ConcurrentHashMap.newKeySet();
  private final UnauthenticatedPool<GuardedCall<?, ?>> pool;

  /** An address is forgotten once it has no peers or calls left. */
  private final LoadingCache<Object, AtomicInteger> callsOfAddress =
      CacheBuilder.newBuilder().weakValues().build(CacheLoader.from(key -> new AtomicInteger()));

  private volatile boolean stopping;

  CallLimitInterceptor(Guard.Builder settings) {
    this.settings = settings;
    this.pool =
        new UnauthenticatedPool<>(
            settings.maxOpenServiceCalls,
            settings.maxOpenServiceCallsPerAddress,
            call -> call.address,
            call -> call.peer.vouches() && call.isHeld(),
            GuardedCall::isHeld);
  }

  /** Checks all calls until the timer stops, often enough that none exceeds a limit by much. */
  void start(ScheduledExecutorService timer) {
    long period =
        Math.min(
            MAX_PERIOD.toNanos(),
            Math.min(settings.callIdle.toNanos(), settings.openServiceCallIdle.toNanos()) / 10);
    var unused = timer.scheduleWithFixedDelay(this::check, period, period, TimeUnit.NANOSECONDS);
  }

  /** Returns how many calls are open that passed the check or need no secret. */
  int open() {
    return guarded.size() + unauthenticated.size();
  }

  /** Ends current and future long-lived calls; the others finish. */
  void stop() {
    stopping = true;
    guarded.forEach(CallLimitInterceptor::stop);
    unauthenticated.forEach(CallLimitInterceptor::stop);
  }

  private static void stop(GuardedCall<?, ?> call) {
    if (call.isLongLived()) {
      call.end(STOPPING, Refusal.STOPPING);
    }
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> delegate, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Peer peer = Peer.of(delegate);
    boolean needsNoSecret = settings.isOpen(delegate);
    if (needsNoSecret) {
      peer.recheck();
    }
    Client client = Client.KEY.get();
    var call =
        new GuardedCall<>(delegate, peer, needsNoSecret && !peer.vouches(), client, settings);
    if (call.unauthenticated) {
      admitUnauthenticated(call);
    } else if (!admit(call)) {
      delegate.close(TOO_MANY, new Metadata());
      settings.events.refused(Refusal.CONCURRENT_CALLS, delegate, client);
      return new ServerCall.Listener<>() {};
    }
    if (stopping) {
      stop(call);
    }
    ServerCall.Listener<ReqT> handler;
    try {
      handler = next.startCall(call, headers);
    } catch (Throwable e) {
      call.fail(e);
      handler = new ServerCall.Listener<>() {};
    }
    if (call.isClosed() && peer.from == null) {
      ended(call); // Armeria does not report the end of a call that closed this early.
    }
    return new GuardedListener<>(handler, call);
  }

  private void admitUnauthenticated(GuardedCall<?, ?> call) {
    call.peer.unauthenticatedCallBegins();
    unauthenticated.add(call);
    GuardedCall<?, ?> evicted = pool.add(call);
    if (evicted != null) {
      evicted.peer.unauthenticatedCallEnds();
      evicted.end(TOO_MANY, Refusal.CONCURRENT_CALLS);
    }
  }

  private boolean admit(GuardedCall<?, ?> call) {
    AtomicInteger ofAddress = callsOfAddress(call);
    if (ofAddress.incrementAndGet() <= settings.maxCallsPerAddress
        && guarded.size() < settings.maxCalls) {
      guarded.add(call);
      return true;
    }
    ofAddress.decrementAndGet();
    return false;
  }

  private void ended(GuardedCall<?, ?> call) {
    if (call.unauthenticated) {
      unauthenticated.remove(call);
      if (pool.remove(call)) {
        call.peer.unauthenticatedCallEnds();
      }
    } else if (guarded.remove(call)) {
      callsOfAddress(call).decrementAndGet();
    }
  }

  private AtomicInteger callsOfAddress(GuardedCall<?, ?> call) {
    if (call.address == null) {
      return new AtomicInteger(); // There is nothing to limit.
    }
    boolean shared = call.peer.isShared();
    AtomicInteger calls = shared ? call.callsOfAddress : call.peer.callsOfAddress;
    if (calls == null) {
      calls = callsOfAddress.getUnchecked(call.address);
      if (shared) {
        call.callsOfAddress = calls;
      } else {
        call.peer.callsOfAddress = calls;
      }
    }
    return calls;
  }

  private void check() {
    try {
      checkGuarded(System.nanoTime());
      checkUnauthenticated(System.nanoTime());
    } catch (RuntimeException e) {
      // From an event listener or a transport. It would end the timer's checks for good.
      log.error("Calls could not be checked for their limits", e);
    }
  }

  private void checkGuarded(long now) {
    for (GuardedCall<?, ?> call : guarded) {
      if (call.credential != null && !call.credential.getAsBoolean()) {
        call.end(SECRET_REVOKED, Refusal.SECRET_REVOKED);
      } else if (!call.isPermitted()) {
        call.end(AuthenticationServerInterceptor.NOT_PERMITTED, Refusal.METHOD_NOT_PERMITTED);
      } else if (call.credential != null && !call.peer.isAuthenticated()) {
        call.peer.authenticate(call.credential); // Another secret on the connection was revoked.
      }
      endIfIdle(call, now, settings.callIdle);
      endIfGone(call);
    }
  }

  private void checkUnauthenticated(long now) {
    for (GuardedCall<?, ?> call : unauthenticated) {
      call.peer.recheck();
      endIfIdle(call, now, settings.openServiceCallIdle);
      // A Watch that started before its peer authenticated continues.
      if (!call.peer.vouches()) {
        Duration most = settings.openServiceCallDuration;
        endIfOver(call, now - call.startedAt, most, "The call has lasted", Refusal.DURATION);
      }
      endIfGone(call);
    }
  }

  private static void endIfOver(
      GuardedCall<?, ?> call, long nanos, Duration limit, String reason, Refusal refusal) {
    if (nanos > limit.toNanos()) {
      String text = "%s %d s: call again".formatted(reason, limit.toSeconds());
      call.end(Status.ABORTED.withDescription(text), refusal);
    }
  }

  private static void endIfIdle(GuardedCall<?, ?> call, long now, Duration limit) {
    endIfOver(call, call.idleNanos(now), limit, "No message came for", Refusal.IDLE);
  }

  /**
   * Forgets a call whose end gRPC did not report: as of 1.85, it drops a call if more headers
   * arrive on its stream or an outer interceptor throws.
   */
  private void endIfGone(GuardedCall<?, ?> call) {
    if (call.peer.isGone()) {
      ended(call);
    }
  }

  /** Delivers events until the call is closed; its end is always delivered. */
  private final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {

    private final GuardedCall<Q, ?> call;

    GuardedListener(ServerCall.Listener<Q> handler, GuardedCall<Q, ?> call) {
      super(handler);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      call.messagePassed();
      if (!call.isClosed()) {
        deliver(() -> super.onMessage(message));
      }
    }

    @Override
    public void onHalfClose() {
      call.requestComplete();
      if (!call.isClosed()) {
        deliver(super::onHalfClose);
      }
    }

    @Override
    public void onReady() {
      if (!call.isClosed()) {
        deliver(super::onReady);
      }
    }

    @Override
    public void onCancel() {
      ended(call);
      deliver(super::onCancel);
    }

    @Override
    public void onComplete() {
      ended(call);
      // If the guard ended it, the handler did not complete it and may still be running.
      deliver(call.wasEndedByGuard() ? super::onCancel : super::onComplete);
    }

    private void deliver(Runnable event) {
      try {
        event.run();
      } catch (Throwable e) {
        call.fail(e);
      }
    }
  }
}
