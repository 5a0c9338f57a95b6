package dev.greeter.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.MessageDigest;

/**
 * Lets a call through only if its metadata carries the shared secret, whatever the kind of call.
 *
 * <p>Any other call is closed with {@code UNAUTHENTICATED}, "Access denied!", before a message is
 * read. A missing, a wrong and an empty value get the same answer, so that it tells nothing.
 */
public final class AuthenticationInterceptor implements ServerInterceptor {

  private static final Status ACCESS_DENIED =
      Status.UNAUTHENTICATED.withDescription("Access denied!");

  private final Metadata.Key<String> header;
  private final byte[] secret;

  /**
   * Creates the check.
   *
   * @param header name of the metadata header that carries the secret
   * @param secret the one value that is accepted, in printable ASCII
   * @throws IllegalArgumentException if the header's name is not legal
   */
  public AuthenticationInterceptor(String header, String secret) {
    this.header = Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
    this.secret = secret.getBytes(UTF_8);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    if (carriesSecret(headers)) {
      return next.startCall(call, headers);
    }
    call.close(ACCESS_DENIED, new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private boolean carriesSecret(Metadata headers) {
    Iterable<String> presented = headers.getAll(header);
    if (presented == null) {
      return false;
    }
    boolean found = false;
    for (String value : presented) {
      // Presented value first: the time that isEqual takes depends on its first argument's length
      // only. No early exit, so that the time does not tell which of several values was right.
      // UTF-8 because a byte that is no ASCII arrives as U+FFFD, and ASCII would turn that into
      // '?'.
      found |= MessageDigest.isEqual(value.getBytes(UTF_8), secret);
    }
    return found;
  }
}
