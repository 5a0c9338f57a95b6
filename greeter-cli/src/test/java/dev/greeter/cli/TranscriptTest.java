package dev.greeter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.ByteStreams;
import com.google.common.io.Resources;
import com.sun.net.httpserver.HttpServer;
import dev.greeter.cli.TestClient.Result;
import dev.greeter.cli.option.LineSplitter;
import dev.greeter.guard.fixture.Certificates;
import io.grpc.TlsServerCredentials;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of {@code transcript.txt} and compares their output with it. */
class TranscriptTest {

  @TempDir private static Path directory;

  /** The placeholders for addresses and paths in the transcript. */
  private static final Map<String, String> NAMES = new HashMap<>();

  private static final List<AutoCloseable> SERVERS = new ArrayList<>();

  @BeforeAll
  static void startServers() throws Exception {
    new Certificates(directory).make("server");
    Files.writeString(directory.resolve("secret"), "marker\n");
    Files.writeString(directory.resolve("blank"), " marker\n");
    String pipe = directory.resolve("pipe").toString();
    assertThat(new ProcessBuilder("mkfifo", pipe).start().waitFor()).isZero();
    var writer = new ProcessBuilder("sh", "-c", "echo marker >\"$0\"", pipe).start();
    var service = new TestServer.Welcoming();
    TestServer server = TestServer.of(new HealthStatusManager().getHealthService(), service);
    var credentials =
        TlsServerCredentials.create(
            directory.resolve("server.pem").toFile(), directory.resolve("server.key").toFile());
    TestServer tls = TestServer.of(credentials, service);
    var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.start();
    var silent = new ServerSocket(0, 20, InetAddress.getLoopbackAddress());
    var starting = new ServerSocket(0, 20, InetAddress.getLoopbackAddress());
    new Thread(() -> hangUp(starting)).start();
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(ip -> ip instanceof Inet4Address && !ip.isLoopbackAddress())
        .findFirst()
        .ifPresent(ip -> NAMES.put("{remote}", ip.getHostAddress() + ":" + server.port()));
    SERVERS.addAll(List.of(server, tls, () -> http.stop(0), silent, starting, writer::destroy));
    NAMES.put("{localhost}", "localhost:" + tls.port());
    NAMES.put("{tls}", tls.address());
    NAMES.put("{http}", "127.0.0.1:" + http.getAddress().getPort());
    NAMES.put("{silent}", "127.0.0.1:" + silent.getLocalPort());
    NAMES.put("{starting}", "127.0.0.1:" + starting.getLocalPort());
    NAMES.put("{server}", server.address());
    NAMES.put("{directory}", directory.toString());
    NAMES.put("{long}", "y".repeat(20_000));
  }

  @AfterAll
  static void stopServers() throws Exception {
    for (AutoCloseable server : SERVERS) {
      server.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> matchesTranscript() throws Exception {
    var file = Resources.getResource(TranscriptTest.class, "transcript.txt");
    return Stream.of(Resources.toString(file, UTF_8).split("\n\n"))
        .filter(text -> NAMES.containsKey("{remote}") || !text.contains("{remote}"))
        .map(text -> DynamicTest.dynamicTest(text.split("\n")[0], () -> runAll(text)));
  }

  private static void runAll(String text) {
    for (String run : text.substring(text.indexOf("\n$") + 1).split("\n(?=\\$)")) {
      run(run);
    }
  }

  private static void run(String text) {
    var command = new ArrayList<String>();
    var in = new StringBuilder();
    var out = new StringBuilder();
    var err = new StringBuilder();
    int exitCode = 0;
    for (String line : text.lines().toList()) {
      String rest = line.substring(Math.min(2, line.length()));
      switch (line.substring(0, line.length() - rest.length())) {
        case "$", "$ " -> command.addAll(LineSplitter.split(replace(rest)));
        case "<", "< " -> in.append(rest).append('\n');
        case "! " -> err.append(rest).append('\n');
        case "= " -> exitCode = Integer.parseInt(rest);
        default -> out.append(line).append('\n');
      }
    }
    TestClient client = TestClient.of(replace("{server}")).variable("GREETER_SERVICE_CONFIG", "{}");
    while (!command.isEmpty() && command.get(0).matches("[A-Za-z_]+=.*")) {
      String[] variable = command.remove(0).split("=", 2);
      client.variable(variable[0], variable[1].equals("unset") ? null : variable[1]);
    }

    Result result = client.reading(in.toString()).run(command.toArray(String[]::new));

    assertThat(result.err()).as(text).matches(pattern(err));
    assertThat(result.out()).as(text).matches(pattern(out));
    assertThat(result.exitCode()).as(text).isEqualTo(exitCode);
  }

  private static String replace(String text) {
    String replaced = text;
    for (Map.Entry<String, String> name : NAMES.entrySet()) {
      replaced = replaced.replace(name.getKey(), name.getValue());
    }
    return replaced;
  }

  /** Three dots match any text. */
  private static Pattern pattern(StringBuilder expected) {
    String quoted = Pattern.quote(replace(expected.toString())).replace("...", "\\E(?s:.*)\\Q");
    return Pattern.compile(quoted);
  }

  /** Hangs up, like a forwarded port while its service starts. */
  private static void hangUp(ServerSocket server) {
    try {
      while (true) {
        try (Socket caller = server.accept()) {
          ByteStreams.skipFully(caller.getInputStream(), 1);
        }
      }
    } catch (IOException e) {
      // The tests have ended.
    }
  }
}
