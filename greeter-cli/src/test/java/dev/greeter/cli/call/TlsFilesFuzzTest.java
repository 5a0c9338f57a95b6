package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.PemTexts;
import dev.greeter.guard.fixture.Property;
import java.time.Duration;
import java.util.List;
import net.devh.boot.grpc.client.channelfactory.ShadedNettyChannelFactory;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import net.devh.boot.grpc.client.interceptor.GlobalClientInterceptorRegistry;
import org.springframework.context.support.StaticApplicationContext;
import org.springframework.core.io.FileSystemResource;

/** Of whatever the files for TLS hold. */
class TlsFilesFuzzTest {

  private static final Target TARGET =
      new Target(HostAndPort.fromString("localhost:1"), Duration.ofSeconds(1), List.of(), false);

  private final PemTexts pem = new PemTexts();

  TlsFilesFuzzTest() throws Exception {}

  @Property(runs = 100)
  void areRefusedWithoutBeingShownOrAChannelIsOpened(Input input) throws Exception {
    var channels = new GrpcChannelsProperties();
    var channel = channels.getGlobalChannel();
    channel.setNegotiationType(NegotiationType.TLS);
    channel.getSecurity().setTrustCertCollection(new FileSystemResource(pem.file("ca.pem", input)));
    if (input.below(2) == 0) {
      channel.getSecurity().setClientAuthEnabled(true);
      channel
          .getSecurity()
          .setCertificateChain(new FileSystemResource(pem.file("chain.pem", input)));
      channel.getSecurity().setPrivateKey(new FileSystemResource(pem.file("key.pem", input)));
    }

    var registry = new GlobalClientInterceptorRegistry(new StaticApplicationContext());
    try (var files = new TlsFiles(channels);
        var factory = new ShadedNettyChannelFactory(channels, registry, List.of())) {
      assertThat(new Channels(factory, channels, files).to(TARGET)).isNotNull();
    } catch (UsageException e) {
      Input.assertHidden(String.valueOf(e.getMessage()));
    }
  }
}
