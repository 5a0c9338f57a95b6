package dev.greeter.guard;

import com.google.common.collect.Iterables;
import dev.greeter.guard.GuardEvents.Refusal;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts a call of any kind only if its metadata carries a secret or its service is open. If the
 * secret has a name, {@link Client#KEY} returns its client from then on. The secret is removed from
 * the metadata.
 *
 * <p>Any other call is closed with {@code UNAUTHENTICATED}, "Access denied!", before a message is
 * read. The answer is the same for a missing, wrong, expired or empty value, and discloses nothing.
 * A call whose secret does not permit its method is closed with {@code PERMISSION_DENIED} in the
 * same way, whether or not the method exists; its connection counts as authenticated.
 */
final class AuthenticationServerInterceptor implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(AuthenticationServerInterceptor.class);

  private static final Status ACCESS_DENIED =
      Status.UNAUTHENTICATED.withDescription("Access denied!");

  static final Status NOT_PERMITTED =
      Status.PERMISSION_DENIED.withDescription("The secret does not permit this method");

  /**
   * Enough for values that proxies add. Each costs a digest, and a caller without the secret could
   * send hundreds at one byte each.
   */
  static final int MAX_VALUES = 4;

  /** The most users of the previous secret that a readable line can list. */
  private static final int MAX_USERS = 100;

  private final Guard.Builder settings;
  private final Metadata.Key<String> header;
  private final @Nullable TokenBuckets failures;
  private final Set<String> usersOfPrevious = new ConcurrentSkipListSet<>();
  private final OncePerMinute lines;

  /**
   * @param failures counts refused secrets by address; null for no limit
   */
  AuthenticationServerInterceptor(
      Guard.Builder settings, @Nullable TokenBuckets failures, LongSupplier nanoTime) {
    this.settings = settings;
    this.header = Metadata.Key.of(settings.header, Metadata.ASCII_STRING_MARSHALLER);
    this.failures = failures;
    this.lines = new OncePerMinute(nanoTime);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    if (settings.isOpen(call)) {
      headers.discardAll(header);
      return next.startCall(call, headers);
    }
    Peer peer = Peer.of(call);
    Iterable<String> values = values(headers);
    PresentedSecret presented = best(values, peer);
    if (presented == null || presented.rank() > 1) {
      call.close(ACCESS_DENIED, new Metadata());
      refused(presented, Iterables.size(values), call);
      return new ServerCall.Listener<>() {};
    }
    headers.discardAll(header);
    peer.authenticate(presented);
    if (!presented.permits(call)) {
      AccessLog.setClient(presented);
      call.close(NOT_PERMITTED, new Metadata());
      settings.events.refused(Refusal.METHOD_NOT_PERMITTED, call, presented);
      return new ServerCall.Listener<>() {};
    }
    boolean named = !presented.name().isEmpty();
    if (presented.rank() == 1) {
      settings.events.previousSecretUsed();
      logPreviousSecret(named ? presented.name() : PeerAddress.textOf(call));
    }
    if (!named && peer.isSingle()) {
      return next.startCall(call, headers);
    }
    Context context = Context.current();
    if (named) {
      settings.events.accepted(presented);
      AccessLog.setClient(presented);
      context = context.withValue(Client.KEY, presented);
    } else {
      context = context.withValue(PresentedSecret.KEY, presented);
    }
    return Contexts.interceptCall(context, call, headers, next);
  }

  /** Returns whether a call is to an open service or carries an accepted secret. */
  boolean isAccepted(ServerCall<?, ?> call, Metadata headers) {
    if (settings.isOpen(call)) {
      return true;
    }
    PresentedSecret presented = best(values(headers), Peer.of(call));
    return presented != null && presented.rank() <= 1;
  }

  private Iterable<String> values(Metadata headers) {
    Iterable<String> all = headers.getAll(header);
    return all == null ? List.of() : Iterables.limit(all, MAX_VALUES);
  }

  private void refused(@Nullable PresentedSecret presented, int values, ServerCall<?, ?> call) {
    Object address = PeerAddress.ofCall(call);
    if (failures != null && address != null) {
      // Each is a guess, even beyond the limit: the address then waits longer.
      var unused = failures.of(address).consumeIgnoringRateLimits(Math.max(1, values));
    }
    Refusal reason = Refusal.SECRET_MISSING;
    if (presented != null) {
      reason = presented.credential == null ? Refusal.SECRET_WRONG : Refusal.SECRET_EXPIRED;
    }
    settings.events.refused(reason, call, null);
  }

  /** Returns the best-ranked value of a call; null if it carries none. */
  private @Nullable PresentedSecret best(Iterable<String> values, Peer peer) {
    PresentedSecret best = null;
    // No early exit: the time must not reveal which of several values was right.
    for (String text : values) {
      PresentedSecret next = PresentedSecret.of(text, peer.credential(), settings.secrets);
      if (best == null || next.rank() < best.rank()) {
        best = next;
      }
    }
    return best;
  }

  /** Logs who still uses the previous secret, so that an operator knows when to remove it. */
  private void logPreviousSecret(String user) {
    if (usersOfPrevious.size() < MAX_USERS) {
      usersOfPrevious.add(user);
    }
    if (lines.isDue()) {
      log.warn("The previous secret is still in use, by {}", String.join(", ", usersOfPrevious));
      usersOfPrevious.clear();
    }
  }
}
