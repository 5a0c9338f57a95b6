package dev.greeter.guard;

import com.google.common.collect.Iterables;
import dev.greeter.guard.GuardEvents.Refusal;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a call through only if its metadata carries a secret or its service is open, whatever the
 * kind of call. If the secret has a name, {@link Client#KEY} holds its client from there on; the
 * secret itself is removed from the metadata.
 *
 * <p>Any other call is closed with {@code UNAUTHENTICATED}, "Access denied!", before a message is
 * read. A missing, a wrong, an expired and an empty value get the same answer, which discloses
 * nothing.
 */
final class AuthenticationServerInterceptor implements ServerInterceptor {

  private static final Logger log = LoggerFactory.getLogger(AuthenticationServerInterceptor.class);

  private static final Status ACCESS_DENIED =
      Status.UNAUTHENTICATED.withDescription("Access denied!");

  /**
   * As many as proxies may have added. Each costs a digest, and a caller without the secret could
   * send some hundreds in as many bytes.
   */
  private static final int MAX_VALUES = 4;

  /** As many users of the previous secret as fit into a line that somebody reads. */
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
    PresentedSecret presented = best(headers.getAll(header), peer);
    if (presented == null || presented.rank() > 1) {
      call.close(ACCESS_DENIED, new Metadata());
      refused(presented, call);
      return new ServerCall.Listener<>() {};
    }
    headers.discardAll(header);
    peer.authenticate(presented);
    boolean named = !presented.name().isEmpty();
    if (presented.rank() == 1) {
      settings.events.previousSecretUsed();
      logPreviousSecret(named ? presented.name() : addressOf(call));
    }
    if (!named) {
      return next.startCall(call, headers);
    }
    settings.events.accepted(presented);
    AccessLog.setClient(presented);
    Context context = Context.current().withValue(Client.KEY, presented);
    return Contexts.interceptCall(context, call, headers, next);
  }

  private void refused(@Nullable PresentedSecret presented, ServerCall<?, ?> call) {
    Object address = PeerAddress.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    if (failures != null && address != null) {
      var unused = failures.of(address).tryConsume(1);
    }
    Refusal reason = Refusal.SECRET_MISSING;
    if (presented != null) {
      reason = presented.credential == null ? Refusal.SECRET_WRONG : Refusal.SECRET_EXPIRED;
    }
    settings.events.refused(reason, call, null);
  }

  /** Returns the value of a call that serves it best; null if it carries none. */
  private @Nullable PresentedSecret best(@Nullable Iterable<String> values, Peer peer) {
    if (values == null) {
      return null;
    }
    PresentedSecret best = null;
    // No early exit, so that the time does not show which of several values was right.
    for (String text : Iterables.limit(values, MAX_VALUES)) {
      PresentedSecret next = PresentedSecret.of(text, peer.credential(), settings.secrets);
      if (best == null || next.rank() < best.rank()) {
        best = next;
      }
    }
    return best;
  }

  /** Logs who still uses the previous secret, so that an operator knows when nobody needs it. */
  private void logPreviousSecret(String user) {
    if (usersOfPrevious.size() < MAX_USERS) {
      usersOfPrevious.add(user);
    }
    if (lines.isDue()) {
      log.warn("The previous secret is still in use, by {}", String.join(", ", usersOfPrevious));
      usersOfPrevious.clear();
    }
  }

  private static String addressOf(ServerCall<?, ?> call) {
    var from = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return from instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : String.valueOf(from);
  }
}
