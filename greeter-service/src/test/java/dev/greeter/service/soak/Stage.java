package dev.greeter.service.soak;

import dev.greeter.guard.fixture.Certificates;
import dev.greeter.service.attack.ImageProcess;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Three replicas, the files that they follow, a collector, and clients with names. */
final class Stage implements AutoCloseable {

  /** Two of them, so that each renewal puts one in the other's place; clients trust both. */
  static final List<String> CERTIFICATES = List.of("one", "other");

  private static final List<String> OTHERS = List.of("ada", "grace", "joan");

  final Path directory;
  final ClientsFile clientsFile;
  final Certificates certificates;
  final Collector collector;
  final List<Replica> replicas = new ArrayList<>();
  final List<NamedClient> clients = new ArrayList<>();
  final Replica first;
  final Replica second;
  final Replica withTls;
  final NamedClient changing;
  final NamedClient revoked;
  final boolean hasFakeTime;

  /** Starts all, and waits until the replicas are healthy. */
  Stage(Path directory, Ledger ledger) throws Exception {
    this.directory = directory;
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    clientsFile = new ClientsFile(directory.resolve("clients"));
    certificates = new Certificates(directory);
    for (String certificate : CERTIFICATES) {
      certificates.make(certificate);
    }
    for (String kind : List.of(".pem", ".key")) {
      Files.copy(directory.resolve(CERTIFICATES.get(0) + kind), directory.resolve("used" + kind));
    }
    Files.writeString(
        directory.resolve("trusted.pem"),
        Files.readString(directory.resolve("one.pem"))
            + Files.readString(directory.resolve("other.pem")));
    var secrets = new HashMap<String, String>();
    for (String name : Stream.concat(Stream.of("changing", "revoked"), OTHERS.stream()).toList()) {
      secrets.put(name, clientsFile.add(name));
    }
    collector = new Collector();

    var variables = Map.of("GREETER_AUTH_CLIENTS_FILE", directory.resolve("clients").toString());
    List<String> mount = List.of("-v", directory + ":" + directory + ":ro");
    first =
        start(
            "first",
            mount,
            List.of(),
            variables,
            Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()));
    String library = System.getProperty("greeter.faketime", "");
    hasFakeTime = !library.isEmpty();
    var logging = new ArrayList<>(mount);
    logging.addAll(List.of("--tmpfs", "/logs:size=2m,mode=1777", "--entrypoint", "bash"));
    var clock = new HashMap<>(Map.of("GREETER_ACCESS_LOG_SAMPLE", "1000"));
    if (hasFakeTime) {
      logging.addAll(List.of("-v", library + ":/faketime.so:ro"));
      setClock("+0");
      clock.put("FAKETIME_TIMESTAMP_FILE", directory.resolve("clock").toString());
      clock.put("FAKETIME_CACHE_DURATION", "1");
      clock.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
      clock.put("NO_FAKE_STAT", "1");
    }
    // Not for the container: its own check of its health needs no other clock.
    String preload = hasFakeTime ? "export LD_PRELOAD=/faketime.so; " : "";
    second =
        start(
            "second",
            logging,
            List.of("-c", preload + "exec " + command() + " >>/logs/out 2>&1"),
            variables,
            clock);
    withTls = start("tls", mount, List.of(), variables, certificates.variables("used"));
    for (Replica replica : replicas) {
      replica.awaitHealthy();
    }
    for (var secret : secrets.entrySet()) {
      clients.add(new NamedClient(secret.getKey(), secret.getValue(), channels(), ledger));
    }
    changing = client("changing");
    revoked = client("revoked");
  }

  private Replica start(
      String name,
      List<String> options,
      List<String> arguments,
      Map<String, String> variables,
      Map<String, String> more)
      throws IOException {
    var all = new HashMap<>(variables);
    all.putAll(more);
    var replica = new Replica(name, options, arguments, all);
    replicas.add(replica);
    return replica;
  }

  /** Returns the command that the image runs, quoted for a shell. */
  private static String command() throws IOException {
    String template = "{{range .Config.Entrypoint}}{{printf \"%q \" .}}{{end}}";
    var process =
        new ProcessBuilder("docker", "inspect", "-f", template, ImageProcess.image()).start();
    return new String(process.getInputStream().readAllBytes()).strip();
  }

  /** Two of three calls go to the replicas without TLS, which share them. */
  private List<ManagedChannel> channels() throws IOException {
    ManagedChannel pair = Channels.plaintext(first.port() + "," + second.port());
    return List.of(pair, pair, tls("trusted.pem"));
  }

  /** Returns a new channel to the replica with TLS. */
  ManagedChannel tls(String trusted) throws IOException {
    return Channels.tls(Integer.toString(withTls.port()), directory.resolve(trusted).toFile());
  }

  /** Sets the clock of the replica that has libfaketime. */
  void setClock(String offset) throws IOException {
    Files.writeString(directory.resolve("clock"), offset + "\n");
  }

  private NamedClient client(String name) {
    return clients.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  /** Ends the connections of all clients. */
  void closeClients() throws InterruptedException {
    for (NamedClient client : clients) {
      client.close();
    }
  }

  @Override
  public void close() throws Exception {
    closeClients();
    for (Replica replica : replicas) {
      replica.close();
    }
    collector.close();
  }
}
