package dev.greeter.service.server;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/**
 * A context that switches to a new one for new connections when its files change. The updatable key
 * and trust managers of grpc-java 1.83 would need only one context, but clients could then resume
 * their sessions forever, without a check by the trust manager.
 */
final class ReloadingSslContext extends SslContext {

  // Called on an event loop, so it must not wait.
  private final Supplier<SslContext> latest;

  ReloadingSslContext(Supplier<SslContext> latest) {
    this.latest = latest;
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator) {
    return latest.get().newEngine(allocator);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
    return latest.get().newEngine(allocator, peerHost, peerPort);
  }

  @Override
  public boolean isClient() {
    return false;
  }

  @Override
  public List<String> cipherSuites() {
    return latest.get().cipherSuites();
  }

  @Override
  @SuppressWarnings("deprecation") // gRPC calls it to check for HTTP/2.
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return latest.get().applicationProtocolNegotiator();
  }

  @Override
  public SSLSessionContext sessionContext() {
    return latest.get().sessionContext();
  }
}
