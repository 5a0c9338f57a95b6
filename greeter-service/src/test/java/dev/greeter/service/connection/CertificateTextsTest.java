package dev.greeter.service.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.fixture.Certificates;
import dev.greeter.guard.fixture.Texts;
import dev.greeter.guard.setting.InvalidSettingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.FileSystemResource;

/** Files in the place of a certificate and its key that hold anything. */
class CertificateTextsTest {

  @TempDir private Path directory;
  private ServerCertificates certificates;
  private String certificate;
  private String key;

  @BeforeEach
  void makeCertificate() throws Exception {
    new Certificates(directory).make("served");
    certificate = Files.readString(directory.resolve("served.pem"));
    key = Files.readString(directory.resolve("served.key"));
    var settings = new Security();
    settings.setCertificateChain(new FileSystemResource(directory.resolve("served.pem")));
    settings.setPrivateKey(new FileSystemResource(directory.resolve("served.key")));
    certificates = new ServerCertificates(settings);
  }

  @Test
  void areTakenAsTheyAreMade() {
    assertThat(certificates.context(contents(certificate, key)).isServer()).isTrue();
  }

  @Test
  void areRefusedOrServed() {
    Texts.check(
        150,
        text -> {
          isAccepted(text, key);
          isAccepted(certificate, text);
        },
        certificate,
        key,
        certificate.substring(0, 300),
        certificate.substring(300),
        "-----BEGIN CERTIFICATE-----\n",
        "-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\n",
        "MIIB\n",
        "marker\n",
        "=");
  }

  private void isAccepted(String chain, String privateKey) throws Exception {
    Texts.isAccepted(
        InvalidSettingException.class,
        chain,
        any -> certificates.context(contents(chain, privateKey)));
  }

  private static List<byte[]> contents(String chain, String privateKey) {
    return List.of(chain.getBytes(UTF_8), privateKey.getBytes(UTF_8));
  }
}
