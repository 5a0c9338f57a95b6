package dev.greeter.guard;

import com.google.common.collect.Iterables;
import dev.greeter.guard.GuardEvents.Refusal;
import dev.greeter.guard.caller.Client;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lets a call through only if its metadata carries a secret, whatever the kind of call, unless its
 * service is open. Whose secret it is, if it has a name, {@link Client#KEY} says from there on; the
 * secret itself is taken out of the metadata.
 *
 * <p>Any other call is closed with {@code UNAUTHENTICATED}, "Access denied!", before a message is
 * read. A missing, a wrong, an ended and an empty value get the same answer, so that it tells
 * nothing.
 */
final class AuthenticationServerInterceptor implements ServerInterceptor {

  private static final Status ACCESS_DENIED =
      Status.UNAUTHENTICATED.withDescription("Access denied!");

  /**
   * As many as proxies may have added. Each costs a digest, and a caller without the secret could
   * send some hundreds in as many bytes.
   */
  private static final int MAX_VALUES = 4;

  private final Metadata.Key<String> header;
  private final Secrets secrets;
  private final ServicePolicies policies;
  private final PreviousSecretUse previousUse = new PreviousSecretUse();
  private final @Nullable Buckets failures;
  private final GuardEvents events;

  /**
   * Creates the check.
   *
   * @param header name of the metadata header that carries the secret; of its values the first four
   *     are looked at
   * @param secrets those that are accepted
   * @param policies which services are open
   * @param failures counts refused secrets by address; null for no limit
   */
  AuthenticationServerInterceptor(
      String header,
      Secrets secrets,
      ServicePolicies policies,
      @Nullable Buckets failures,
      GuardEvents events) {
    this.header = Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
    this.secrets = secrets;
    this.policies = policies;
    this.failures = failures;
    this.events = events;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    if (policies.isOpen(call.getMethodDescriptor().getServiceName())) {
      headers.discardAll(header);
      return next.startCall(call, headers);
    }
    Peer peer = Peer.of(call);
    Shown shown = best(headers.getAll(header), peer);
    Credential found = shown == null ? null : shown.credential();
    if (shown == null || found == null || secrets.hasEnded(found)) {
      call.close(ACCESS_DENIED, new Metadata());
      refused(shown, call);
      return new ServerCall.Listener<>() {};
    }
    headers.discardAll(header);
    peer.accept(shown);
    if (found.previous()) {
      events.previousSecretUsed();
      Object address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      previousUse.record(found.client() == null ? address : found.client());
    }
    if (found.client() == null) {
      return next.startCall(call, headers);
    }
    var client = new AcceptedClient(secrets, found);
    events.accepted(client);
    LoggedCall<?, ?> logged = LoggedCall.KEY.get();
    if (logged != null) {
      logged.client = client;
    }
    Context context = Context.current().withValue(Client.KEY, client);
    return Contexts.interceptCall(context, call, headers, next);
  }

  private void refused(@Nullable Shown shown, ServerCall<?, ?> call) {
    Object address = PeerAddress.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    if (failures != null && address != null) {
      var unused = failures.of(address).tryConsume(1);
    }
    Refusal reason =
        shown == null
            ? Refusal.SECRET_MISSING
            : shown.credential() == null ? Refusal.SECRET_WRONG : Refusal.SECRET_EXPIRED;
    events.refused(reason, call, null);
  }

  /** Returns of what a call carries the secret that serves it best; null if it carries none. */
  private @Nullable Shown best(@Nullable Iterable<String> presented, Peer peer) {
    if (presented == null) {
      return null;
    }
    Shown best = null;
    // No early exit, so that the time does not tell which of several values was right.
    for (String text : Iterables.limit(presented, MAX_VALUES)) {
      Shown shown = Shown.of(text, peer.proof(), secrets);
      if (best == null || rank(shown.credential()) < rank(best.credential())) {
        best = shown;
      }
    }
    return best;
  }

  private int rank(@Nullable Credential found) {
    if (found == null) {
      return 3;
    }
    if (secrets.hasEnded(found)) {
      return 2;
    }
    return found.previous() ? 1 : 0;
  }

  private record AcceptedClient(Secrets secrets, Credential credential) implements Client {

    @Override
    public String name() {
      return Objects.requireNonNull(credential.client());
    }

    @Override
    public boolean isAccepted() {
      return secrets.isCurrent(credential);
    }

    @Override
    public String toString() {
      return name();
    }
  }
}
