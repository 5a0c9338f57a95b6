package dev.greeter.guard;

import dev.greeter.guard.GuardEvents.Refusal;
import dev.greeter.guard.caller.Client;
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

/**
 * Keeps calls within the policy of their service: how many there are at a time, how long they wait
 * for their client, how long they last. It belongs behind the check of the secret, and ends calls
 * with {@code UNAUTHENTICATED} within a second after their secret is no longer accepted, those to
 * open services on their connection among them.
 *
 * <p>A client that waits too long gets {@code ABORTED}: clients repeat a call that is {@code
 * UNAVAILABLE} by themselves, and take {@code DEADLINE_EXCEEDED} for the deadline that they have
 * set.
 */
final class CallLimitInterceptor implements ServerInterceptor {

  private static final Status STOPPING =
      Status.UNAVAILABLE.withDescription("The service is stopping: call again");

  private static final Status SECRET_GONE =
      Status.UNAUTHENTICATED.withDescription("The secret of this call is no longer accepted");

  private static final Status TOO_MANY =
      Status.RESOURCE_EXHAUSTED.withDescription("Too many concurrent calls: call again");

  private final ServicePolicies policies;
  private final GuardEvents events;
  private final Set<LimitedCall<?, ?>> guarded = ConcurrentHashMap.newKeySet();
  private final Set<LimitedCall<?, ?>> begunByStrangers = ConcurrentHashMap.newKeySet();
  private final Strangers<LimitedCall<?, ?>> strangers;
  private volatile boolean stopping;

  /**
   * Creates the interceptor.
   *
   * @param policies what the calls of each service may take
   */
  CallLimitInterceptor(ServicePolicies policies, GuardEvents events) {
    this.policies = policies;
    this.events = events;
    CallPolicy open = policies.open();
    this.strangers =
        new Strangers<>(
            open.maxCalls(), open.maxCallsPerAddress(), call -> call.peer, LimitedCall::isHeld);
  }

  /**
   * Looks after all calls from now on.
   *
   * @param timer does so until it is shut down; what is too long ends within another tenth of the
   *     limit
   */
  void start(ScheduledExecutorService timer) {
    schedule(timer, policies.guarded(), guarded);
    schedule(timer, policies.open(), begunByStrangers);
    var unused = timer.scheduleWithFixedDelay(this::endUnaccepted, 1, 1, TimeUnit.SECONDS);
  }

  /** Returns how many calls are open that the check has let pass, or that need none. */
  int open() {
    return guarded.size() + begunByStrangers.size();
  }

  /**
   * Ends each call that could go on for as long as its client likes, such as a {@code Chat}, with
   * {@code UNAVAILABLE}, and from now on each new one. A guarded call of one request and one answer
   * finishes.
   */
  void stop() {
    stopping = true;
    guarded.forEach(CallLimitInterceptor::stop);
    begunByStrangers.forEach(CallLimitInterceptor::stop);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Peer peer = Peer.of(call);
    boolean stranger = false;
    if (policies.isOpen(call.getMethodDescriptor().getServiceName())) {
      peer.recheck();
      stranger = !peer.isAccepted();
    }
    Client client = Client.KEY.get();
    var limited = new LimitedCall<>(call, peer, stranger, client, events);
    RequestSizeLimit.limits(limited);
    if (stranger) {
      admitStranger(limited);
    } else if (!admit(limited)) {
      call.close(TOO_MANY, new Metadata());
      events.refused(Refusal.CONCURRENT_CALLS, call, client);
      return new ServerCall.Listener<>() {};
    }
    if (stopping) {
      stop(limited);
    }
    ServerCall.Listener<ReqT> handler;
    try {
      handler = next.startCall(limited, headers);
    } catch (RuntimeException | Error e) {
      ended(limited); // gRPC has no listener to tell of the end of this call.
      throw e;
    }
    if (!limited.isOpen() && peer.address() == null) {
      ended(limited); // Armeria says nothing of the end of a call that closed this early.
    }
    return new SimpleForwardingServerCallListener<>(handler) {
      @Override
      public void onMessage(ReqT message) {
        limited.heard();
        if (limited.isOpen()) {
          super.onMessage(message);
        }
      }

      @Override
      public void onHalfClose() {
        limited.requestComplete();
        if (limited.isOpen()) {
          super.onHalfClose();
        }
      }

      @Override
      public void onCancel() {
        ended(limited);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        ended(limited);
        if (limited.wasEnded()) {
          super.onCancel(); // The handler has not completed it, and may go on with it.
        } else {
          super.onComplete();
        }
      }
    };
  }

  private void admitStranger(LimitedCall<?, ?> call) {
    call.peer.begin();
    begunByStrangers.add(call);
    LimitedCall<?, ?> oldest = strangers.add(call);
    if (oldest != null) {
      oldest.peer.end();
      oldest.end(TOO_MANY, Refusal.CONCURRENT_CALLS);
    }
  }

  private boolean admit(LimitedCall<?, ?> call) {
    var ofAddress = call.peer.callsOfAddress();
    int most =
        call.peer.address() == null ? Integer.MAX_VALUE : policies.guarded().maxCallsPerAddress();
    if (ofAddress.incrementAndGet() <= most && guarded.size() < policies.guarded().maxCalls()) {
      guarded.add(call);
      return true;
    }
    ofAddress.decrementAndGet();
    return false;
  }

  private void ended(LimitedCall<?, ?> call) {
    if (call.stranger) {
      begunByStrangers.remove(call);
      if (strangers.remove(call)) {
        call.peer.end();
      }
    } else if (guarded.remove(call)) {
      call.peer.callsOfAddress().decrementAndGet();
    }
  }

  private static void stop(LimitedCall<?, ?> call) {
    if (call.couldLast()) {
      call.end(STOPPING, Refusal.STOPPING);
    }
  }

  private static void schedule(
      ScheduledExecutorService timer, CallPolicy policy, Iterable<LimitedCall<?, ?>> calls) {
    long period = Math.max(1, policy.idle().toNanos() / 10);
    // Failures would end the checks without a word; there is nothing in them that throws.
    var unused =
        timer.scheduleWithFixedDelay(
            () -> endTooLong(policy, calls), period, period, TimeUnit.NANOSECONDS);
  }

  private void endUnaccepted() {
    for (LimitedCall<?, ?> call : guarded) {
      if (call.proof != null && !call.proof.getAsBoolean()) {
        call.end(SECRET_GONE, Refusal.SECRET_REVOKED);
      } else if (call.proof != null && !call.peer.isAccepted()) {
        call.peer.accept(call.proof); // Of several callers on its connection another has lost his.
      }
      endIfGone(call);
    }
    for (LimitedCall<?, ?> call : begunByStrangers) {
      call.peer.recheck();
      endIfGone(call);
    }
  }

  /**
   * Gives back the place of a call whose end gRPC has not reported: as of 1.85 it forgets a call
   * when more headers come on its stream, and one whose outer interceptor has thrown.
   */
  private void endIfGone(LimitedCall<?, ?> call) {
    if (call.peer.isGone()) {
      ended(call);
    }
  }

  private static void endTooLong(CallPolicy policy, Iterable<LimitedCall<?, ?>> calls) {
    long now = System.nanoTime();
    for (LimitedCall<?, ?> call : calls) {
      if (call.stranger && call.peer.isAccepted()) {
        // A Watch that was there before the secret was shown goes on with its connection.
        continue;
      }
      if (call.idleNanos(now) > policy.idle().toNanos()) {
        call.end(aborted("No message came for %d s", policy.idle()), Refusal.IDLE);
      } else if (now - call.startedAt > policy.maxDuration().toNanos()) {
        call.end(aborted("The call has lasted %d s", policy.maxDuration()), Refusal.DURATION);
      }
    }
  }

  private static Status aborted(String reason, Duration limit) {
    return Status.ABORTED.withDescription(reason.formatted(limit.toSeconds()) + ": call again");
  }
}
