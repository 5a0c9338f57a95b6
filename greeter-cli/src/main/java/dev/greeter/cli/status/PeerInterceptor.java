package dev.greeter.cli.status;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Remembers which server answered a call. */
final class PeerInterceptor implements ClientInterceptor {

  private volatile @Nullable String address;

  /** Returns its IP address and port, or null if there was no connection. */
  @Nullable String address() {
    return address;
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<RespT> listener, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<>(listener) {
              @Override
              public void onClose(Status status, Metadata trailers) {
                remember(getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
                super.onClose(status, trailers);
              }
            },
            headers);
      }
    };
  }

  private void remember(@Nullable Object peer) {
    if (peer instanceof InetSocketAddress inet && inet.getAddress() != null) {
      String ip = inet.getAddress().getHostAddress();
      address = (ip.contains(":") ? "[" + ip + "]:" : ip + ":") + inet.getPort();
    }
  }
}
