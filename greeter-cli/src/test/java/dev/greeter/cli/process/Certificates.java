package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Certificates as the JDK's keytool makes them, in PEM files: {@code name.pem, name.key}. */
final class Certificates {

  private static final String PASSWORD = "only-for-tests";

  private final Path directory;

  Certificates(Path directory) {
    this.directory = directory;
  }

  /** Makes a CA. */
  void ca(String name) throws Exception {
    keytool(name, "-ext", "bc:critical");
  }

  /** Makes a certificate that a CA has signed; further options are keytool's. */
  void signed(String name, String ca, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of("-signer", ca));
    all.addAll(List.of(options));
    keytool(name, all.toArray(String[]::new));
  }

  /** A file of a certificate or a key, as a setting takes it. */
  String url(String file) {
    return directory.resolve(file).toUri().toString();
  }

  /** Puts a certificate and a key where others have been. */
  void copy(String certificate, String key, String name) throws IOException {
    copy(certificate + ".pem", name + ".pem");
    copy(key + ".key", name + ".key");
  }

  private void copy(String from, String to) throws IOException {
    Files.copy(directory.resolve(from), directory.resolve(to), StandardCopyOption.REPLACE_EXISTING);
  }

  private void keytool(String name, String... options) throws Exception {
    Path store = directory.resolve("store.p12");
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of("-genkeypair", "-alias", name, "-dname", "CN=" + name));
    command.addAll(List.of("-keyalg", "RSA", "-keystore", store.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    command.addAll(List.of(options));
    Program.Result result = Program.run(Program.builder(Map.of(), command), new byte[0]);
    assertThat(result.exitCode()).as(result.out() + result.err()).isZero();

    KeyStore entries = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    Key key = entries.getKey(name, PASSWORD.toCharArray());
    write(name + ".key", "PRIVATE KEY", key.getEncoded());
    Certificate certificate = entries.getCertificate(name);
    write(name + ".pem", "CERTIFICATE", certificate.getEncoded());
  }

  private void write(String file, String type, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder().encodeToString(content);
    Files.writeString(
        directory.resolve(file),
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(type, text));
  }
}
