package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.FileSystemResource;

/** When a channel is to be opened anew because of the files for TLS. */
class TlsFilesTest {

  private static final List<String> NAMES = List.of("ca.pem", "chain.pem", "key.pem");

  @TempDir private Path directory;
  private final List<TlsFiles> opened = new ArrayList<>();
  private final GrpcChannelsProperties channels = new GrpcChannelsProperties();
  private TlsFiles files;

  @BeforeEach
  void setFiles() throws IOException {
    files = filesIn(directory, channels);
  }

  @AfterEach
  void close() {
    opened.forEach(TlsFiles::close);
  }

  @Test
  void neverIfThereAreNone() {
    assertThat(open(new GrpcChannelsProperties()).version()).isNull();
  }

  @Test
  void neverWithoutTlsOrACertificateOfTheClient() throws Exception {
    Files.delete(directory.resolve("key.pem"));
    channels.getGlobalChannel().getSecurity().setClientAuthEnabled(false);
    assertThat(files.version()).isNotNull();

    channels.getGlobalChannel().setNegotiationType(NegotiationType.PLAINTEXT);
    assertThat(open(channels).version()).isNull();
  }

  @Test
  void wheneverOneOfThemChanges() throws Exception {
    Map<TlsFiles, String> versions = new HashMap<>();
    for (String name : NAMES) {
      Path place = Files.createDirectory(directory.resolve("with-another-" + name));
      TlsFiles changing = filesIn(place, new GrpcChannelsProperties());
      String before = String.valueOf(changing.version());
      assertThat(changing.version()).isEqualTo(before);
      versions.put(changing, before);
      // With the date of the one before, as "cp -p" does it.
      FileTime date = Files.getLastModifiedTime(place.resolve(name));
      Files.writeString(place.resolve(name), "new");
      Files.setLastModifiedTime(place.resolve(name), date);
    }
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(versions)
                    .allSatisfy((f, before) -> assertThat(f.version()).isNotEqualTo(before)));
  }

  @Test
  void notIfOneOfThemHasGone() throws Exception {
    String before = files.version();
    Files.delete(directory.resolve("ca.pem"));
    Files.writeString(directory.resolve("key.pem"), "new");

    Awaitility.await()
        .during(Duration.ofSeconds(6))
        .until(() -> String.valueOf(files.version()).equals(before));
  }

  @ParameterizedTest
  @CsvSource({"ca.pem, TRUST_CERT_COLLECTION", "key.pem, PRIVATE_KEY"})
  void neverIfOneOfThemIsMissingFromTheStart(String name, String variable) throws Exception {
    Files.delete(directory.resolve(name));

    assertThatThrownBy(files::version)
        .isInstanceOfSatisfying(
            InvalidSettingException.class,
            failure ->
                assertThat(files.refused(failure))
                    .message()
                    .contains(variable, "names no file that TLS can use")
                    .hasLineCount(2));
    Files.createFile(directory.resolve(name));
    assertThat(files.version()).isNotNull();
  }

  private TlsFiles filesIn(Path place, GrpcChannelsProperties settings) throws IOException {
    var security = settings.getGlobalChannel().getSecurity();
    security.setClientAuthEnabled(true);
    security.setTrustCertCollection(file(place, "ca.pem"));
    security.setCertificateChain(file(place, "chain.pem"));
    security.setPrivateKey(file(place, "key.pem"));
    return open(settings);
  }

  private TlsFiles open(GrpcChannelsProperties settings) {
    var tlsFiles = new TlsFiles(settings);
    opened.add(tlsFiles);
    return tlsFiles;
  }

  private static FileSystemResource file(Path place, String name) throws IOException {
    return new FileSystemResource(Files.createFile(place.resolve(name)));
  }
}
