package dev.greeter.service.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Certificates;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.devh.boot.grpc.server.config.ClientAuth;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.springframework.core.io.FileSystemResource;

/** Of whatever the files for TLS hold. */
class ServerCertificatesFuzzTest {

  private final Path directory = Files.createTempDirectory("tls");
  private final String certificate;
  private final String key;

  ServerCertificatesFuzzTest() throws Exception {
    new Certificates(directory).make("own");
    certificate = Files.readString(directory.resolve("own.pem"));
    key = Files.readString(directory.resolve("own.key"));
    try (var files = Files.list(directory)) {
      directory.toFile().deleteOnExit();
      files.forEach(file -> file.toFile().deleteOnExit());
    }
  }

  @Property(runs = 300)
  void areRefusedWithoutBeingShownOrServe(Input input) {
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
    List<byte[]> contents = List.of(pem(input), pem(input), pem(input));

    Input.read(() -> certificates.context(contents))
        .ifPresent(context -> assertThat(context.isServer()).isTrue());
  }

  @Property(runs = 300)
  void optionsAreRefusedWithoutBeingShownOrCount(Input input) {
    var settings = new Security();
    settings.setProtocols(input.text("TLSv1.3", "TLSv1.2", "TLSv1", ",", ":", " "));
    settings.setCiphers(input.text("TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA", ","));

    Input.read(() -> TlsOptions.from(settings))
        .ifPresent(options -> assertThat(options.ciphers()).isNotEmpty());
  }

  private byte[] pem(Input input) {
    String words =
        input.text(
            certificate,
            key,
            certificate.substring(certificate.length() / 2),
            key.substring(0, key.length() / 2),
            "-----BEGIN CERTIFICATE-----\n",
            "-----END CERTIFICATE-----\n",
            "-----BEGIN PRIVATE KEY-----\n",
            "-----END PRIVATE KEY-----\n",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
            "-----END ENCRYPTED PRIVATE KEY-----\n",
            "-----BEGIN EC PRIVATE KEY-----\n",
            "-----END EC PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\n",
            "-----END RSA PRIVATE KEY-----\n",
            "MIIB",
            "MA==");
    return Input.utf8(
        switch (input.below(4)) {
          case 0 -> certificate;
          case 1 -> key;
          case 2 ->
              key.replace("PRIVATE", input.pick("RSA PRIVATE", "EC PRIVATE", "ENCRYPTED PRIVATE"));
          default -> words;
        });
  }
}
