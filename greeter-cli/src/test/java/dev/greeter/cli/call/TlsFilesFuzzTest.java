package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.HostAndPort;
import dev.greeter.cli.error.UsageException;
import dev.greeter.guard.fixture.Certificates;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private final Path directory = Files.createTempDirectory("tls");
  private final String certificate;
  private final String key;

  TlsFilesFuzzTest() throws Exception {
    new Certificates(directory).make("own");
    certificate = Files.readString(directory.resolve("own.pem"));
    key = Files.readString(directory.resolve("own.key"));
    try (var files = Files.list(directory)) {
      directory.toFile().deleteOnExit();
      files.forEach(file -> file.toFile().deleteOnExit());
    }
  }

  @Property(runs = 100)
  void areRefusedWithoutBeingShownOrAChannelIsOpened(Input input) throws Exception {
    var channels = new GrpcChannelsProperties();
    var channel = channels.getGlobalChannel();
    channel.setNegotiationType(NegotiationType.TLS);
    channel.getSecurity().setTrustCertCollection(file("ca.pem", pem(input)));
    if (input.below(2) == 0) {
      channel.getSecurity().setClientAuthEnabled(true);
      channel.getSecurity().setCertificateChain(file("chain.pem", pem(input)));
      channel.getSecurity().setPrivateKey(file("key.pem", pem(input)));
    }

    var registry = new GlobalClientInterceptorRegistry(new StaticApplicationContext());
    try (var files = new TlsFiles(channels);
        var factory = new ShadedNettyChannelFactory(channels, registry, List.of())) {
      assertThat(new Channels(factory, channels, files).to(TARGET)).isNotNull();
    } catch (UsageException e) {
      Input.assertHidden(String.valueOf(e.getMessage()));
    }
  }

  private String pem(Input input) {
    return switch (input.below(4)) {
      case 0 -> certificate;
      case 1 -> key;
      default ->
          input.text(
              certificate,
              key,
              certificate.substring(certificate.length() / 2),
              key.substring(0, key.length() / 2),
              "-----BEGIN CERTIFICATE-----\n",
              "-----END CERTIFICATE-----\n",
              "-----BEGIN PRIVATE KEY-----\n",
              "-----END PRIVATE KEY-----\n",
              "MIIB");
    };
  }

  private FileSystemResource file(String name, String content) throws Exception {
    Path file = directory.resolve(name);
    file.toFile().deleteOnExit();
    Files.write(file, Input.utf8(content));
    return new FileSystemResource(file);
  }
}
