package dev.greeter.service.tls;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.io.Resource;

/**
 * A context that is made anew when one of its files has changed, for the connections that come
 * then. Files that cannot be used change nothing. The key manager of grpc-java 1.83 would look once
 * a minute, and pass over a certificate that was renewed for the same key.
 */
final class FollowingSslContext extends SslContext {

  private static final Logger log = LoggerFactory.getLogger(FollowingSslContext.class);

  private final List<Resource> files;
  private final Supplier<SslContext> loader;
  private List<Long> modified;
  private SslContext current;
  private String problem = "";

  /**
   * Makes the first context.
   *
   * @param files what the context is made from
   * @param loader makes a context; throws a {@link FailureAnalyzedException} if it cannot
   */
  FollowingSslContext(List<Resource> files, Supplier<SslContext> loader) {
    this.files = files;
    this.loader = loader;
    this.modified = modified();
    this.current = loader.get();
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator) {
    return latest().newEngine(allocator);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
    return latest().newEngine(allocator, peerHost, peerPort);
  }

  @Override
  public boolean isClient() {
    return false;
  }

  @Override
  public List<String> cipherSuites() {
    return latest().cipherSuites();
  }

  @Override
  @SuppressWarnings("deprecation") // What gRPC asks for, to see that it can speak HTTP/2.
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return latest().applicationProtocolNegotiator();
  }

  @Override
  public SSLSessionContext sessionContext() {
    return latest().sessionContext();
  }

  private synchronized SslContext latest() {
    List<Long> now = modified();
    if (now.equals(modified)) {
      return current;
    }
    try {
      current = loader.get();
      // Not before: files that are being written are read again for the next connection.
      modified = now;
      problem = "";
      log.info("The files for TLS have changed; what they hold now counts for new connections");
    } catch (FailureAnalyzedException e) {
      if (!problem.equals(e.analysis().getDescription())) {
        problem = e.analysis().getDescription();
        log.error("{} What the files for TLS held before goes on counting.", problem);
      }
    }
    return current;
  }

  private List<Long> modified() {
    return files.stream().map(FollowingSslContext::modified).toList();
  }

  private static long modified(Resource file) {
    try {
      return file.lastModified();
    } catch (IOException e) {
      return 0;
    }
  }
}
