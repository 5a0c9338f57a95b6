package com.example.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.GrpcServiceBuilder;
import dev.greeter.guard.Guard;
import io.grpc.Attributes;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import io.grpc.protobuf.services.HealthStatusManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ArmeriaTest extends StackTest {

  private static final int HEALTH_REQUEST_BYTES = 1_024;

  private Guard guard;
  private Server server;

  /** Armeria's one-time messages are irrelevant to the tests. */
  @BeforeAll
  static void warnOnly() {
    ((Logger) LoggerFactory.getLogger("com.linecorp.armeria")).setLevel(Level.WARN);
  }

  /** Each shutdown of Armeria takes two seconds, the quiet period of its event loop. */
  @Override
  protected int starts() {
    return 5;
  }

  /** Armeria does not support fallback registries, and answers itself. */
  @Override
  @Test
  protected void handlesUnknownMethods() {
    assertEquals(Code.UNIMPLEMENTED, codeOf(withoutSecret, TalkService.NAME + "/Sing"));
    assertEquals(Code.UNIMPLEMENTED, codeOf(withoutSecret, "no.Such/Thing"));
  }

  @Override
  protected void start(Guard guard) {
    this.guard = guard;
    server =
        Server.builder()
            .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .gracefulShutdownTimeout(Duration.ZERO, GRACE)
            .service(guarded(new TalkService()).build())
            .service(
                guarded(new HealthStatusManager().getHealthService())
                    // The guard's limit counts bytes, which Armeria does not report.
                    .maxRequestMessageLength(HEALTH_REQUEST_BYTES)
                    .build())
            .build();
    server.start().join();
  }

  private GrpcServiceBuilder guarded(BindableService service) {
    // The last one runs first.
    return GrpcService.builder()
        .addService(service)
        .intercept(guard.afterCheck(), guard.check(), guard.beforeCheck(), new Addresses());
  }

  @Override
  protected void stop() {
    guard.drain();
    server.stop().join();
    guard.close();
  }

  @Override
  protected int port() {
    return server.activeLocalPort();
  }

  @Override
  protected String transport() {
    return ".armeria.server.HttpServerHandler";
  }

  /** Adds the origin of a call, which address limits require. */
  private static final class Addresses implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      var from = ServiceRequestContext.current().remoteAddress();
      var attributes = Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, from).build();
      return next.startCall(
          new SimpleForwardingServerCall<>(call) {
            @Override
            public Attributes getAttributes() {
              return attributes;
            }
          },
          headers);
    }
  }
}
