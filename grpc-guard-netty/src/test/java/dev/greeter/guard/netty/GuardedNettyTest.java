package dev.greeter.guard.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.Guard;
import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.fixture.LogCapture;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.ForwardingServerBuilder;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status.Code;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the memory that peers can occupy on another project's Netty server. */
class GuardedNettyTest {

  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
  private static final byte[] SETTINGS = frame(4, 0, 0, "");

  @RegisterExtension private final LogCapture log = new LogCapture();

  private final List<AutoCloseable> open = new ArrayList<>();
  private final Guard guard =
      Guard.builder(Secrets.of("marker-secret")).trustedProxies("127.0.0.2").build();
  private final GuardedNetty.Builder limits = GuardedNetty.builder(guard);
  private @Nullable Server server;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    if (server != null) {
      server.shutdownNow().awaitTermination();
    }
    guard.close();
  }

  @Test
  void serves250AuthenticatedClientsAndNoOthers() throws IOException {
    start(GuardedNetty.around(builder(), guard));
    for (int i = 0; i < 250; i++) {
      assertThat(code(channel(), "marker-secret")).isEqualTo(Code.OK);
    }
    assertThat(code(channel(), "guess")).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void limitsAuthenticatedConnections() throws IOException {
    limits.maxConnections(2);
    start();
    ManagedChannel first = channel();
    for (ManagedChannel each : List.of(first, channel())) {
      assertThat(code(each, "marker-secret")).isEqualTo(Code.OK);
    }

    assertThat(code(channel(), "marker-secret")).isEqualTo(Code.UNAVAILABLE);
    first.shutdownNow();
    Awaitility.await().until(() -> code(channel(), "marker-secret") == Code.OK);
  }

  @Test
  void evictsOldestUnauthenticatedConnectionOfAddress() throws IOException {
    limits.maxUnauthenticatedConnectionsPerAddress(2);
    GuardedNetty netty = start();
    Socket first = connect("127.0.0.1", new byte[0]);
    Socket second = connect("127.0.0.1", new byte[0]);
    Socket elsewhere = connect("127.0.0.3", new byte[0]);
    Awaitility.await().until(() -> netty.openConnections() == 3);

    Socket third = connect("127.0.0.1", new byte[0]);

    awaitEnd(first);
    assertThat(netty.openConnections()).isEqualTo(3);
    for (Socket each : List.of(second, elsewhere, third)) {
      assertThat(isOpen(each)).isTrue();
    }
  }

  @Test
  void evictsOldestUnauthenticatedConnectionOverall() throws IOException {
    limits.maxUnauthenticatedConnections(1);
    start();
    Socket first = connect("127.0.0.1", new byte[0]);
    Socket second = connect("127.0.0.3", new byte[0]);
    awaitEnd(first);
    assertThat(isOpen(second)).isTrue();
  }

  @Test
  void closesIdleUnauthenticatedConnections() throws IOException {
    limits.unauthenticatedConnectionIdle(Duration.ofMillis(1));
    start();
    awaitEnd(connect("127.0.0.1", PREFACE, SETTINGS));
  }

  @Test
  void closesConnectionsAfterHandshakeTimeout() throws IOException {
    limits.handshakeTimeout(Duration.ofMillis(1));
    start();
    awaitEnd(connect("127.0.0.1", PREFACE));
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void limitsResetsPerConnection() throws IOException {
    limits.maxResets(3, Duration.ofSeconds(600));
    start();
    Socket peer = connect("127.0.0.1", PREFACE, SETTINGS);
    for (int stream = 1; stream < 9; stream += 2) {
      // ":method: GET" alone, which is not a call
      peer.getOutputStream().write(frame(1, 5, stream, "82"));
    }
    awaitEnd(peer);
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void advertisesStreamAndWindowLimits() throws IOException {
    limits.maxCallsPerConnection(77).flowControlWindow(99_999);
    start();
    Socket peer = connect("127.0.0.1", PREFACE, SETTINGS);
    String settings = HexFormat.of().formatHex(peer.getInputStream().readNBytes(9 + 3 * 6));
    assertThat(settings).contains("00030000004d").contains("00040001869f");
  }

  @Test
  void identifiesClientsByProxyProtocol() throws IOException {
    limits.proxyProtocol(true).maxConnectionsPerAddress(1);
    start();
    byte[] client = "PROXY TCP4 203.0.113.1 192.0.2.1 4711 1\r\n".getBytes(US_ASCII);
    Socket first = connect("127.0.0.2", client, PREFACE, SETTINGS);
    assertThat(first.getInputStream().read()).isZero();
    Socket second = connect("127.0.0.2", client, PREFACE, SETTINGS);
    awaitEnd(first);
    assertThat(second.getInputStream().read()).isZero();

    awaitEnd(connect("127.0.0.2", PREFACE));
    awaitEnd(connect("127.0.0.3", client, PREFACE));
  }

  @Test
  void closesUnauthenticatedConnectionsOnDrain() throws IOException {
    start();
    ManagedChannel authenticated = channel();
    var call = TestCall.open(authenticated, text(), CallOptions.DEFAULT, secret("marker-secret"));
    Socket other = connect("127.0.0.1", PREFACE, SETTINGS);
    assertThat(other.getInputStream().read()).isZero();

    guard.drain();

    awaitEnd(other);
    call.take(1).send("Ada").halfClose();
    assertThat(call.code()).isEqualTo(Code.OK);
  }

  @Test
  void stopsThreadsWhenGuardCloses() throws Exception {
    var server = start();
    assertThat(code(channel(), "marker-secret")).isEqualTo(Code.OK);
    assertThat(server.openConnections()).isOne();
    close();
    Awaitility.await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().matches("grpc-(acceptor|worker).*")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "474554202f20485454502f312e310d0a0d0a", // HTTP/1.1
        "000005010500000001ffffffffff", // headers that cannot be read
        "000001000000000001" + "00", // data of a stream that does not exist
        "00000400000000000000000000", // data of stream 0
        "0000040300000000017fffffff", // the reset of a stream that does not exist
        "000004080000000001" + "00000000", // a window update of zero
        "ffffff000000000001", // a frame that is too large
      })
  void doesNotLogProtocolViolations(String bytes) throws IOException {
    limits.unauthenticatedConnectionIdle(Duration.ofMillis(500));
    start();
    byte[] sent = HexFormat.of().parseHex(bytes);
    Socket peer =
        sent[0] == 'G' ? connect("127.0.0.1", sent) : connect("127.0.0.1", PREFACE, SETTINGS, sent);
    awaitEnd(peer);
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void warnsIfConnectionsAreNotLimited() throws IOException {
    start(guard.around(builder()));
    assertThat(log.warnings())
        .singleElement()
        .asString()
        .contains("Connections are not limited", "grpc-guard-netty");
  }

  @Test
  void ignoresInProcessServers() {
    limits.build().around(InProcessServerBuilder.forName("any"));
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void rejectsUnsupportedTransport() {
    var other = new Other();
    GuardedNetty netty = limits.build();
    assertThatThrownBy(() -> netty.configure(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Other.class.getName())
        .hasMessageContaining("\"shaded\"");
  }

  @Test
  void buildsOnlyOncePerGuard() {
    limits.build();
    assertThatThrownBy(limits::build).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void rejectsInvalidLimits() {
    List<Runnable> changes =
        List.of(
            () -> limits.maxConnections(0),
            () -> limits.maxConnectionsPerAddress(0),
            () -> limits.maxUnauthenticatedConnections(0),
            () -> limits.maxUnauthenticatedConnectionsPerAddress(0),
            () -> limits.unauthenticatedConnectionIdle(Duration.ZERO),
            () -> limits.maxCallsPerConnection(0),
            () -> limits.flowControlWindow(0),
            () -> limits.maxResets(0, Duration.ofSeconds(1)),
            () -> limits.maxResets(1, Duration.ofMillis(999)),
            () -> limits.handshakeTimeout(Duration.ZERO));
    for (Runnable change : changes) {
      assertThatThrownBy(change::run).isInstanceOf(InvalidSettingException.class);
    }
  }

  private static NettyServerBuilder builder() {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
        .addService(TextService.echo())
        .addService(new HealthStatusManager().getHealthService());
  }

  private GuardedNetty start() throws IOException {
    GuardedNetty netty = limits.build();
    start(netty.around(builder()));
    return netty;
  }

  private void start(ServerBuilder<?> builder) throws IOException {
    server = builder.build().start();
  }

  private int port() {
    return Objects.requireNonNull(server).getPort();
  }

  private ManagedChannel channel() {
    var channel = NettyChannelBuilder.forAddress("127.0.0.1", port()).usePlaintext().build();
    open.add(channel::shutdownNow);
    return channel;
  }

  private static MethodDescriptor<String, String> text() {
    return TextService.method(MethodType.UNARY);
  }

  private static Metadata secret(String secret) {
    return TestCall.headers("authorization", secret);
  }

  private static Code code(ManagedChannel channel, String secret) {
    return TestCall.send(channel, text(), secret(secret), "Ada").code();
  }

  private Socket connect(String from, byte[]... sent) throws IOException {
    var peer = new Socket("127.0.0.1", port(), InetAddress.getByName(from), 0);
    open.add(peer);
    peer.setSoTimeout(30_000);
    for (byte[] bytes : sent) {
      peer.getOutputStream().write(bytes);
    }
    return peer;
  }

  private static void awaitEnd(Socket peer) throws IOException {
    try {
      peer.getInputStream().readAllBytes();
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  private static boolean isOpen(Socket peer) throws IOException {
    peer.setSoTimeout(1);
    try {
      while (peer.getInputStream().read() >= 0) {
        // gRPC's first frames.
      }
      return false;
    } catch (SocketTimeoutException e) {
      return true;
    }
  }

  private static byte[] frame(int type, int flags, int stream, String payload) {
    byte[] bytes = HexFormat.of().parseHex(payload);
    return ByteBuffer.allocate(9 + bytes.length)
        .putInt(bytes.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(bytes)
        .array();
  }

  private static final class Other extends ForwardingServerBuilder<Other> {
    @Override
    protected ServerBuilder<?> delegate() {
      throw new AssertionError("Nothing of it is asked for");
    }
  }
}
