package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import dev.greeter.cli.TestServer;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.BlockingClientCall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.FileSystemResource;

/** What becomes of a channel when the files for TLS change. */
@Timeout(60)
class ChannelsTest {

  private static final Target TARGET =
      new Target(HostAndPort.fromParts("there", 1), Duration.ofSeconds(30), List.of(), false);

  @TempDir private Path directory;
  private final GrpcChannelsProperties properties = new GrpcChannelsProperties();
  private Path file;
  private TlsFiles files;
  private Server server;
  private Factory factory;
  private Channels channels;

  @BeforeEach
  void connect() throws Exception {
    file = Files.writeString(directory.resolve("ca.pem"), "first");
    var settings = properties.getGlobalChannel();
    settings.setNegotiationType(NegotiationType.TLS);
    settings.getSecurity().setTrustCertCollection(new FileSystemResource(file));
    files = new TlsFiles(properties);
    BindableService service = new TestServer.Welcoming();
    server = InProcessServerBuilder.forName("there").addService(service).build().start();
    factory = new Factory();
    channels = new Channels(factory, properties, files);
  }

  @AfterEach
  void disconnect() {
    factory.close();
    files.close();
    server.shutdownNow();
  }

  @Test
  void closesOnceItsCallsAreOverIfAnotherTakesItsPlace() throws Exception {
    greet();
    var chat = GreeterGrpc.newBlockingV2Stub(channels.to(TARGET)).chat();
    assertThat(say("Ada", chat)).isEqualTo("Welcome, Ada!");
    ManagedChannel first = factory.last();
    assertThat(first.isShutdown()).isFalse();

    change("second");
    greet();
    assertThat(first.isShutdown()).isTrue();
    assertThat(say("Bob", chat)).isEqualTo("Welcome, Bob!");
    assertThat(first.isTerminated()).isFalse();
    chat.halfClose();
    assertThat(chat.read()).isNull();
    Awaitility.await().until(first::isTerminated);

    ManagedChannel second = factory.last();
    change("first");
    greet();
    assertThat(second.isShutdown()).isTrue();
    assertThat(factory.last().isShutdown()).isFalse();
  }

  @Test
  void staysOpenBesideThatOfTheHealthCheckAndOfAnotherServer() throws Exception {
    greet();
    ManagedChannel first = factory.last();
    var there = new Target(HostAndPort.fromParts("there", 2), TARGET.timeout(), List.of(), false);
    greet(channels.to(there));
    greet(channels.forHealthCheck(TARGET));

    assertThat(factory.open).hasSize(3);
    assertThat(factory.open.values()).noneMatch(ManagedChannel::isShutdown);
    greet();
    assertThat(factory.open).hasSize(3).containsValue(first);
  }

  private void greet() throws Exception {
    greet(channels.to(TARGET));
  }

  private static void greet(Channel channel) throws Exception {
    var request = GreetingRequest.newBuilder().setName("Ada").build();
    assertThat(GreeterGrpc.newBlockingV2Stub(channel).greet(request).getGreeting())
        .isEqualTo("Hello Ada!");
  }

  private static String say(String name, BlockingClientCall<GreetingRequest, GreetingResponse> chat)
      throws Exception {
    chat.write(GreetingRequest.newBuilder().setName(name).build());
    return chat.read().getGreeting();
  }

  private void change(String content) throws Exception {
    String before = String.valueOf(files.version());
    Files.writeString(file, content);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !String.valueOf(files.version()).equals(before));
  }

  /** Keeps a channel for each name, as the starter's factory does. */
  private static final class Factory implements GrpcChannelFactory {
    private final Map<String, ManagedChannel> open = new LinkedHashMap<>();

    private ManagedChannel last() {
      return List.copyOf(open.values()).get(open.size() - 1);
    }

    @Override
    public Channel createChannel(
        String name, List<ClientInterceptor> interceptors, boolean sortInterceptors) {
      ManagedChannel channel =
          open.computeIfAbsent(name, n -> InProcessChannelBuilder.forName("there").build());
      return ClientInterceptors.interceptForward(channel, interceptors);
    }

    @Override
    public Map<String, ConnectivityState> getConnectivityState() {
      return Map.of();
    }

    @Override
    public void close() {
      open.values().forEach(ManagedChannel::shutdownNow);
    }
  }
}
