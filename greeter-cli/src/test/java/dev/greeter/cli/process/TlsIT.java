package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.process.Program.Result;
import dev.greeter.guard.fixture.Certificates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both programs with mutual TLS, and their messages when it fails. */
class TlsIT {

  @TempDir private static Path directory;
  @AutoClose private static RunningService service;

  @BeforeAll
  static void startService() throws Exception {
    var certificates = new Certificates(directory);
    certificates.make("server");
    certificates.make("client");
    var settings = new HashMap<>(certificates.variables("server"));
    settings.put("GRPC_SERVER_SECURITY_CLIENT_AUTH", "require");
    settings.put("GRPC_SERVER_SECURITY_TRUST_CERT_COLLECTION", certificates.url("client.pem"));
    service = new RunningService(settings);
  }

  @Test
  void greetsClientWithTrustedCertificate() throws Exception {
    assertThat(greet(file("--cacert", "server.pem"), cert(), key()))
        .isEqualTo(new Result(0, "Hello Ada!\n", ""));
  }

  @Test
  void rejectsCertificateFromUntrustedCa() throws Exception {
    assertFailure(
        greet(file("--cacert", "client.pem"), cert(), key()), "No CA that this client trusts");
  }

  @Test
  void rejectsCertificateForAnotherName() throws Exception {
    assertFailure(
        greet(file("--cacert", "server.pem"), cert(), key(), "--authority=elsewhere"),
        "is for other names");
  }

  @Test
  void rejectsClientWithoutCertificate() throws Exception {
    assertFailure(greet(file("--cacert", "server.pem")), "Use --cert and --key.");
  }

  @Test
  void requiresTls() throws Exception {
    assertFailure(greet(), "requires TLS. Use --tls,");
  }

  private static String cert() {
    return file("--cert", "client.pem");
  }

  private static String key() {
    return file("--key", "client.key");
  }

  private static String file(String option, String name) {
    return option + "=" + directory.resolve(name);
  }

  private static Result greet(String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("greet", "Ada"));
    command.addAll(List.of(options));
    return Program.greeter(service.variables(), command.toArray(String[]::new));
  }

  private static void assertFailure(Result result, String said) {
    assertThat(result.err()).contains(service.address(), said).hasLineCount(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(78);
  }
}
