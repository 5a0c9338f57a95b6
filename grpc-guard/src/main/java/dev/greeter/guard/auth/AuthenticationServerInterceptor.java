package dev.greeter.guard.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.guard.auth.Secrets.Secret;
import dev.greeter.guard.limit.Peer;
import dev.greeter.guard.setting.InvalidSettingException;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.MessageDigest;
import java.util.List;

/**
 * Lets a call through only if its metadata carries the shared secret, whatever the kind of call.
 *
 * <p>Any other call is closed with {@code UNAUTHENTICATED}, "Access denied!", before a message is
 * read. A missing, a wrong and an empty value get the same answer, so that it tells nothing.
 */
public final class AuthenticationServerInterceptor implements ServerInterceptor {

  private static final Status ACCESS_DENIED =
      Status.UNAUTHENTICATED.withDescription("Access denied!");

  private final Metadata.Key<String> header;
  private final Secrets secrets;
  private final PreviousSecretUse previousUse = new PreviousSecretUse();
  private final GuardEvents events;

  /**
   * Creates the check.
   *
   * @param header name of the metadata header that carries the secret
   * @param secrets the values that are accepted
   * @param events is told of each call that is refused, or carries the previous one only
   * @throws InvalidSettingException if gRPC cannot carry the header
   */
  public AuthenticationServerInterceptor(String header, Secrets secrets, GuardEvents events) {
    InvalidSettingException.checkHeader("header", header);
    this.header = Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
    this.secrets = secrets;
    this.events = events;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    List<Secret> accepted = secrets.get();
    int found = indexOfSecret(headers, accepted);
    if (found >= 0) {
      Peer.of(call).accept();
      if (found > 0) {
        events.previousSecretUsed();
        previousUse.record(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
      }
      return next.startCall(call, headers);
    }
    if (headers.containsKey(header)) {
      events.secretWrong();
    } else {
      events.secretMissing();
    }
    call.close(ACCESS_DENIED, new Metadata());
    return new ServerCall.Listener<>() {};
  }

  /** Returns which of the accepted secrets the call carries, the first of several; or -1. */
  private int indexOfSecret(Metadata headers, List<Secret> accepted) {
    Iterable<String> presented = headers.getAll(header);
    if (presented == null) {
      return -1;
    }
    int found = -1;
    for (String text : presented) {
      // UTF-8 because a byte that is no ASCII arrives as U+FFFD, and ASCII would turn that into
      // '?'.
      byte[] value = text.getBytes(UTF_8);
      for (int i = accepted.size() - 1; i >= 0; i--) {
        // Presented value first: the time that isEqual takes depends on its first argument's length
        // only. No early exit, so that the time does not tell which of several values was right.
        if (MessageDigest.isEqual(value, accepted.get(i).bytes)) {
          found = found < 0 ? i : Math.min(found, i);
        }
      }
    }
    return found;
  }
}
