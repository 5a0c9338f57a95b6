package dev.greeter.cli.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.cli.process.Program.Result;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both programs with TLS, and what each of them says when it fails. */
class TlsIT {

  private static final String SERVER = "GRPC_SERVER_SECURITY_";
  private static final String CLIENT = "GRPC_CLIENT_GLOBAL_SECURITY_";

  /** What is promised. */
  private static final Duration WITHIN = Duration.ofSeconds(10);

  @TempDir private static Path directory;
  private static Certificates certificates;
  private static RunningService service;
  private static RunningService mutual;

  @BeforeAll
  static void startServices() throws Exception {
    certificates = new Certificates(directory);
    certificates.ca("ca");
    certificates.ca("other-ca");
    certificates.signed("server", "ca", "-ext", "san=ip:127.0.0.1,dns:localhost");
    certificates.signed("elsewhere", "ca", "-ext", "san=dns:elsewhere");
    certificates.signed(
        "expired", "ca", "-ext", "san=ip:127.0.0.1", "-startdate", "-9d", "-validity", "3");
    certificates.signed("renewed", "other-ca", "-ext", "san=ip:127.0.0.1");
    certificates.signed("client", "other-ca");
    certificates.copy("server", "server", "served");
    Map<String, String> settings = serverSettings();
    // A JVM that would still speak the old versions, as this one is made to below.
    Path old = Files.writeString(directory.resolve("old"), "jdk.tls.disabledAlgorithms=\n");
    settings.put("JAVA_TOOL_OPTIONS", "-Djava.security.properties=" + old);
    service = RunningService.start(settings);
    settings = serverSettings();
    settings.put(SERVER + "CERTIFICATE_CHAIN", certificates.url("server.pem"));
    settings.put(SERVER + "PRIVATE_KEY", certificates.url("server.key"));
    settings.put(SERVER + "CLIENT_AUTH", "require");
    settings.put(SERVER + "TRUST_CERT_COLLECTION", certificates.url("other-ca.pem"));
    mutual = RunningService.start(settings);
  }

  @AfterAll
  static void stopServices() throws Exception {
    service.close();
    mutual.close();
  }

  @BeforeEach
  void serveTheRightCertificate() throws Exception {
    serve("server");
  }

  @Test
  void greets() throws Exception {
    assertThat(greet(clientSettings(), service)).isEqualTo(new Result(0, "Hello Ada!\n", ""));
  }

  @Test
  void refusesACertificateOfAnotherCa() throws Exception {
    Map<String, String> settings = clientSettings();
    settings.put(CLIENT + "TRUST_CERT_COLLECTION", certificates.url("other-ca.pem"));

    assertFailure(
        greet(settings, service), "not signed by a CA that this client trusts", "TRUST_CERT");
    assertLogged(service, "Received fatal alert: certificate_unknown", settings);
  }

  @Test
  void refusesACertificateForAnotherName() throws Exception {
    serve("elsewhere");

    assertFailure(greet(clientSettings(), service), "is for other names", "AUTHORITY_OVERRIDE");
  }

  @Test
  void takesTheNameFromTheSettings() throws Exception {
    serve("elsewhere");
    Map<String, String> settings = clientSettings();
    settings.put(CLIENT + "AUTHORITY_OVERRIDE", "elsewhere");

    assertThat(greet(settings, service).out()).isEqualTo("Hello Ada!\n");
  }

  @Test
  void refusesACertificateThatHasExpired() throws Exception {
    serve("expired");

    assertFailure(greet(clientSettings(), service), "is out of date: NotAfter", "renewed");
  }

  @Test
  void servesARenewedCertificateWithoutARestart() throws Exception {
    serve("renewed");
    Map<String, String> settings = clientSettings();
    settings.put(CLIENT + "TRUST_CERT_COLLECTION", certificates.url("other-ca.pem"));

    assertThat(greet(settings, service).out()).isEqualTo("Hello Ada!\n");
    assertThat(service.log()).contains("The content of the files for TLS has changed");
  }

  @Test
  void keepsTheCertificateIfTheNewOneIsNotTheKeys() throws Exception {
    certificates.copy("renewed", "server", "served");

    Awaitility.await()
        .atMost(WITHIN)
        .until(() -> service.log().contains("names a key that is not the certificate's"));
    greets();
    greets();
    assertThat(service.log().lines())
        .filteredOn(line -> line.contains("names a key that is not the certificate's"))
        .hasSize(1)
        .allMatch(line -> line.contains("GRPC_SERVER_SECURITY_PRIVATE_KEY"));
  }

  @Test
  void tellsThatTheServiceWantsACertificate() throws Exception {
    assertFailure(
        greet(clientSettings(), mutual),
        "wants a certificate of this client",
        CLIENT + "CLIENT_AUTH_ENABLED=true");
    assertLogged(mutual, "Empty client certificate chain", clientSettings());
    assertFailure(
        Program.greeter(clientSettings(), "chat", "Ada", "--server", mutual.address()),
        "wants a certificate of this client");
  }

  @Test
  void showsACertificateToAServiceThatWantsOne() throws Exception {
    Map<String, String> settings = clientSettings();
    settings.put(CLIENT + "CLIENT_AUTH_ENABLED", "true");
    settings.put(CLIENT + "CERTIFICATE_CHAIN", certificates.url("client.pem"));
    settings.put(CLIENT + "PRIVATE_KEY", certificates.url("client.key"));

    assertThat(greet(settings, mutual)).isEqualTo(new Result(0, "Hello Ada!\n", ""));
  }

  @Test
  void takesAllOfThatFromOptions() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "42\n");
    String[] options = {
      "greet",
      "Ada",
      "--server=" + mutual.address(),
      "--cacert=" + directory.resolve("ca.pem"),
      "--cert=" + directory.resolve("client.pem"),
      "--key=" + directory.resolve("client.key"),
      "--authority=localhost",
      "--secret-file=" + secret
    };

    assertThat(Program.greeter(Map.of(), options)).isEqualTo(new Result(0, "Hello Ada!\n", ""));
    options[6] = "--authority=elsewhere";
    assertFailure(Program.greeter(Map.of(), options), "is for other names");
  }

  @Test
  void probesTheHealthOfAServiceThatWantsCertificatesOfAnotherCa() throws Exception {
    Map<String, String> settings = serverSettings();
    settings.put(SERVER + "CLIENT_AUTH", "require");
    settings.put("GRPC_SERVER_PORT", mutual.address().replaceFirst(".*:", ""));

    assertThat(probe(settings).exitCode()).isZero();
    settings.remove(SERVER + "CLIENT_AUTH");
    assertThat(probe(settings).exitCode()).isEqualTo(1);
    settings.put("GRPC_SERVER_PORT", service.address().replaceFirst(".*:", ""));
    assertThat(probe(settings).exitCode()).isZero();
  }

  @Test
  void probesTheHealthWithTheSettingsThatTheServiceUnderstands() throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("GRPC_SERVER_ADDRESS", "127.0.0.2");
    settings.put(SERVER + "ENABLED", "yes");
    settings.put(SERVER + "CERTIFICATECHAIN", certificates.url("server.pem"));
    settings.put(SERVER + "PRIVATEKEY", certificates.url("server.key"));
    settings.put(SERVER + "CLIENTAUTH", "Require");
    settings.put(SERVER + "TRUSTCERTCOLLECTION", certificates.url("other-ca.pem"));
    try (var elsewhere = RunningService.start(settings)) {
      settings.put("GRPC_SERVER_PORT", elsewhere.address().replaceFirst(".*:", ""));

      assertThat(probe(settings)).isEqualTo(new Result(0, "", ""));
      settings.put("GRPC_SERVER_ADDRESS", "127.0.0.1");
      assertThat(probe(settings)).isEqualTo(new Result(1, "", "No healthy service: UNAVAILABLE\n"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "0.0.0.0", "::"})
  void probesTheHealthOfAServiceAtAnyAddress(String address) throws Exception {
    Map<String, String> settings = serverSettings();
    settings.put("GRPC_SERVER_ADDRESS", address);
    settings.put("GRPC_SERVER_PORT", service.address().replaceFirst(".*:", ""));

    assertThat(probe(settings)).isEqualTo(new Result(0, "", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "GRPC_SERVER_PORT, marker",
    "GRPC_SERVER_PORT, 99999",
    "GRPC_SERVER_ADDRESS, marker",
    "GRPC_SERVER_ADDRESS, ''",
    "GRPC_SERVER_SECURITY_ENABLED, marker",
    "GRPC_SERVER_SECURITY_CLIENT_AUTH, marker",
    "GRPC_SERVER_SECURITY_CERTIFICATE_CHAIN, marker",
    "GRPC_SERVER_SECURITY_PRIVATE_KEY, file:/marker",
  })
  void namesASettingThatTheProbeCannotUse(String variable, String value) throws Exception {
    Map<String, String> settings = serverSettings();
    settings.put(SERVER + "CLIENT_AUTH", "require");
    settings.put(variable, value);

    Result result = probe(settings);

    assertThat(result.err())
        .contains("(environment variable " + variable + ") ")
        .doesNotContain("marker", "99999")
        .hasLineCount(1);
    assertThat(result.exitCode()).isEqualTo(1);
  }

  @Test
  void saysInStatusThatAServerWantsTls() throws Exception {
    Result result = Program.greeter(Map.of(), "status", "--server", service.address());

    assertThat(result.err()).contains("wants TLS", "NEGOTIATION_TYPE=tls").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(78);
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.3, true", "TLSv1.2, true", "TLSv1.1, false", "TLSv1, false"})
  void takesTls12AndNewerOnly(String version, boolean taken) throws Exception {
    if (taken) {
      handshake(version);
    } else {
      assertThatThrownBy(() -> handshake(version)).isInstanceOf(SSLException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TRUST_CERT_COLLECTION, server.key",
    "TRUST_CERT_COLLECTION, none.pem",
    "CERTIFICATE_CHAIN, server.key",
    "PRIVATE_KEY, server.pem",
  })
  void refusesAFileThatTlsCannotUse(String variable, String file) throws Exception {
    Map<String, String> settings = clientSettings();
    settings.put(CLIENT + "CLIENT_AUTH_ENABLED", "true");
    settings.put(CLIENT + "CERTIFICATE_CHAIN", certificates.url("client.pem"));
    settings.put(CLIENT + "PRIVATE_KEY", certificates.url("client.key"));
    settings.put(CLIENT + variable, certificates.url(file));

    Result result = greet(settings, service);

    assertThat(result.err()).contains(CLIENT + variable, "file:/").hasLineCount(2);
    assertThat(result.exitCode()).isEqualTo(2);
  }

  @Test
  void logsAFloodOfOtherProtocolsInFewLinesAndShowsNothingOfIt() throws Exception {
    int port = Integer.parseInt(service.address().replaceFirst(".*:", ""));
    for (int i = 0; i < 100; i++) {
      try (var socket = new Socket("127.0.0.1", port)) {
        socket.getOutputStream().write("marker-of-the-secret".getBytes(US_ASCII));
        socket.getInputStream().readAllBytes();
      }
    }

    assertThat(service.log())
        .contains("it does not use TLS")
        .doesNotContain("marker", HexFormat.of().formatHex("marker".getBytes(US_ASCII)));
    assertThat(service.log().lines())
        .filteredOn(line -> line.contains("it does not use TLS"))
        .hasSizeLessThan(50);
  }

  /** Puts other files in place, and waits until they count. */
  private static void serve(String name) throws IOException {
    certificates.copy(name, name, "served");
    Awaitility.await()
        .atMost(WITHIN)
        .pollDelay(Duration.ZERO)
        .until(() -> handshake("TLSv1.3").equals("CN=" + name));
  }

  private static Map<String, String> serverSettings() {
    return new HashMap<>(
        Map.of(
            SERVER + "ENABLED", "true",
            SERVER + "CERTIFICATE_CHAIN", certificates.url("served.pem"),
            SERVER + "PRIVATE_KEY", certificates.url("served.key")));
  }

  private static Map<String, String> clientSettings() {
    return new HashMap<>(
        Map.of(
            "GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE",
            "tls",
            CLIENT + "TRUST_CERT_COLLECTION",
            certificates.url("ca.pem")));
  }

  private static Result greet(Map<String, String> settings, RunningService server)
      throws Exception {
    return Program.greeter(settings, "greet", "Ada", "--server", server.address());
  }

  private static void assertFailure(Result result, String... said) {
    assertThat(result.err()).contains(said).doesNotContain("\tat ");
    assertThat(result.out()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(78);
  }

  /** The log has a line in two seconds at most, so that the client may have to come again. */
  private static void assertLogged(
      RunningService server, String reason, Map<String, String> settings) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .untilAsserted(
            () -> {
              greet(settings, server);
              assertThat(server.log().lines())
                  .anyMatch(line -> line.contains("TLS with /127.0.0.1") && line.contains(reason))
                  .noneMatch(line -> line.startsWith("\t"));
            });
  }

  private static Result probe(Map<String, String> settings) throws Exception {
    List<String> command = new ArrayList<>(Program.serviceCommand());
    int jar = command.indexOf("-jar");
    command.set(jar, "-cp");
    // As in the image; Java 24 and newer would warn of Netty's library.
    command.add(jar, "-Dio.grpc.netty.shaded.io.netty.transport.noNative=true");
    command.add("dev.greeter.service.health.HealthProbe");
    // It waits for two seconds; an engine asks again if they were not enough, twice.
    Result result;
    int asked = 0;
    do {
      result = Program.run(Program.builder(settings, command), new byte[0]);
    } while (result.err().contains("DEADLINE_EXCEEDED") && ++asked < 3);
    return result;
  }

  /**
   * Offers one version, which the JVM of this test would not by itself.
   *
   * @return the name of the service's certificate
   */
  private static String handshake(String version) throws Exception {
    Security.setProperty("jdk.tls.disabledAlgorithms", "");
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    String[] address = service.address().split(":");
    try (var socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(address[0], Integer.parseInt(address[1]))) {
      socket.setEnabledProtocols(new String[] {version});
      socket.startHandshake();
      var certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return certificate.getSubjectX500Principal().getName();
    }
  }
}
