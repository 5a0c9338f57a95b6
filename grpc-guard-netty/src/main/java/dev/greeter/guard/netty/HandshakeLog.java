package dev.greeter.guard.netty;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.RateLimiter;
import io.netty.channel.Channel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failed TLS handshakes with the peer and the reason, at most one in two seconds. gRPC's own
 * log shows a stack trace, but no peer.
 */
final class HandshakeLog {

  private static final Logger log = LoggerFactory.getLogger(HandshakeLog.class);

  /**
   * The JVM's own words. After a comma or a colon it repeats what the client sent, such as an
   * invalid server name, twice and of any length.
   */
  private static final Pattern OWN_WORDS =
      Pattern.compile("(\\([a-z_]+\\) )?(Received fatal alert: )?[A-Za-z0-9_ .]{0,100}");

  private final RateLimiter lines = RateLimiter.create(0.5);

  /** Reports a connection that is closing. */
  void report(Channel connection) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    Throwable failure = tls == null ? null : tls.handshakeFuture().cause();
    if (failure != null && lines.tryAcquire()) {
      log.warn("TLS with {} has failed: {}", connection.remoteAddress(), reason(failure));
    }
  }

  private static String reason(Throwable failure) {
    if (failure instanceof NotSslRecordException) {
      // Its message repeats the input, which may be a call with its secret.
      return "it does not use TLS";
    }
    Matcher own = OWN_WORDS.matcher(String.valueOf(failure.getMessage()));
    String words = own.lookingAt() ? own.group() : "";
    Throwable root = Throwables.getRootCause(failure);
    return root == failure ? words : words + ", " + root.getClass().getSimpleName();
  }
}
