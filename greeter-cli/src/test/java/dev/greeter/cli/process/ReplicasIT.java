package dev.greeter.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.cli.TestServer;
import dev.greeter.guard.fixture.FreePort;
import java.io.IOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client while replicas of one name start and stop. */
class ReplicasIT {

  private final int port = FreePort.find();
  @TempDir private Path directory;
  private Path out = Path.of("");
  private int asked;

  @Test
  void discoversAddedAndReplacedReplicas() throws Exception {
    Path hosts = directory.resolve("hosts");
    out = directory.resolve("out");
    Path err = directory.resolve("err");
    Map<String, String> environment =
        Map.of(
            "JAVA_TOOL_OPTIONS",
            "-Djdk.net.hosts.file=" + hosts,
            "XDG_CACHE_HOME",
            "/dev/null/none",
            "GREETER_AUTH_ALLOW_PLAINTEXT",
            "true",
            "GREETER_SERVER",
            "replicas.test:" + port);
    try (TestServer first = replica("127.0.0.2")) {
      Files.writeString(hosts, "127.0.0.2 replicas.test\n");
      Process client =
          Program.builder(environment, Program.clientCommand("greet", "-"))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      try (Writer names = client.outputWriter();
          TestServer second = replica("127.0.0.3");
          TestServer third = replica("127.0.0.4")) {
        greetUntilCalled(first, names);

        Files.writeString(hosts, "127.0.0.2 replicas.test\n127.0.0.3 replicas.test\n");
        greetUntilCalled(second, names);

        Files.writeString(hosts, "127.0.0.4 replicas.test\n");
        first.close();
        second.close();
        greetUntilCalled(third, names);
        names.close();

        assertThat(Program.exitCode(client)).as(Files.readString(err)).isZero();
        assertThat(Files.readAllLines(out)).hasSize(asked).containsOnly("Hello Ada!");
      }
    }
  }

  private TestServer replica(String address) throws IOException {
    return TestServer.at(new InetSocketAddress(address, port), new TestServer.Greeter());
  }

  /** Requests the greetings one by one, so that none is in flight when a replica ends. */
  private void greetUntilCalled(TestServer replica, Writer names) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              names.write("Ada\n");
              names.flush();
              asked++;
              Awaitility.await()
                  .atMost(Duration.ofSeconds(30))
                  .until(() -> Files.readAllLines(out).size() == asked);
              return replica.calls() > 0;
            });
  }
}
