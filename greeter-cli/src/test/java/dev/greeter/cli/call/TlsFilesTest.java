package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.FileSystemResource;

/** When a channel is to be opened anew because of the files for TLS. */
class TlsFilesTest {

  @TempDir private Path directory;
  private final GrpcChannelsProperties channels = new GrpcChannelsProperties();

  @Test
  void neverIfThereAreNone() {
    assertThat(new TlsFiles(channels).version()).isNull();
  }

  @Test
  void wheneverOneOfThemChanges() throws Exception {
    var security = channels.getGlobalChannel().getSecurity();
    security.setTrustCertCollection(file("ca.pem"));
    security.setCertificateChain(file("chain.pem"));
    security.setPrivateKey(file("key.pem"));
    var files = new TlsFiles(channels);

    for (String name : new String[] {"ca.pem", "chain.pem", "key.pem"}) {
      String before = files.version();
      assertThat(files.version()).isEqualTo(before);
      // With the date of the one before, as "cp -p" does it.
      FileTime date = Files.getLastModifiedTime(directory.resolve(name));
      Files.writeString(directory.resolve(name), "new");
      Files.setLastModifiedTime(directory.resolve(name), date);
      assertThat(files.version()).isNotEqualTo(before);
    }
    String before = files.version();
    Files.delete(directory.resolve("ca.pem"));
    assertThat(files.version()).isNotEqualTo(before);
  }

  private FileSystemResource file(String name) throws Exception {
    return new FileSystemResource(Files.createFile(directory.resolve(name)));
  }
}
