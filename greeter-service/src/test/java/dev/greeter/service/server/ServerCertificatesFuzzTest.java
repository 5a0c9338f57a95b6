package dev.greeter.service.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.PemTexts;
import dev.greeter.guard.fixture.Property;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.util.List;
import net.devh.boot.grpc.server.config.ClientAuth;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.springframework.core.io.FileSystemResource;

/** Fuzzes the contents of the TLS files. */
class ServerCertificatesFuzzTest {

  private final PemTexts pem = new PemTexts();

  ServerCertificatesFuzzTest() throws Exception {}

  @Property(runs = 100)
  void hidesContentOfRejectedFiles(Input input) throws Exception {
    var settings = new Security();
    var nowhere = new FileSystemResource("nowhere.pem");
    settings.setCertificateChain(nowhere);
    settings.setPrivateKey(nowhere);
    settings.setTrustCertCollection(nowhere);
    settings.setClientAuth(input.pick(ClientAuth.values()));
    if (input.below(2) == 0) {
      settings.setPrivateKeyPassword(input.pick("", Input.MARKER));
    }
    var certificates = new ServerCertificates(settings);
    List<byte[]> contents = List.of(pem.content(input), pem.content(input), pem.content(input));

    Input.read(() -> ServerTls.context(settings, certificates.context(contents)))
        .ifPresent(context -> assertThat(context.isServer()).isTrue());
  }

  @Property(runs = 100)
  void hidesValuesOfRejectedOptions(Input input) throws Exception {
    var settings = new Security();
    settings.setProtocols(input.text("TLSv1.3", "TLSv1.2", "TLSv1", ",", ":", " "));
    settings.setCiphers(input.text("TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA", ","));
    var builder = SslContextBuilder.forServer(new AdvancedTlsX509KeyManager());

    Input.read(() -> ServerTls.context(settings, builder))
        .ifPresent(context -> assertThat(context.cipherSuites()).isNotEmpty());
  }
}
