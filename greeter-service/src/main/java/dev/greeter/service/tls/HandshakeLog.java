package dev.greeter.service.tls;

import com.google.common.util.concurrent.RateLimiter;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says with whom TLS has failed, and why, in a line each, one in two seconds at most. It stands in
 * the pipeline of a listening channel; gRPC's own log would name nobody, in a stack trace.
 */
@Sharable
public final class HandshakeLog extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(HandshakeLog.class);

  private final RateLimiter lines = RateLimiter.create(0.5);

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object accepted) {
    Channel connection = (Channel) accepted;
    // In time: the handlers are taken out later.
    connection.closeFuture().addListener(closed -> report(connection));
    ctx.fireChannelRead(accepted);
  }

  private void report(Channel connection) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    Throwable failure = tls == null ? null : tls.handshakeFuture().cause();
    if (failure != null && lines.tryAcquire()) {
      log.warn("TLS with {} has failed: {}", connection.remoteAddress(), reason(failure));
    }
  }

  private static String reason(Throwable failure) {
    if (failure instanceof NotSslRecordException) {
      // Its message repeats what has come, which may be a call with its secret.
      return "it does not use TLS";
    }
    // Parts of it may be the client's.
    return String.valueOf(failure.getMessage()).replaceAll("\\p{Cntrl}", "?");
  }
}
