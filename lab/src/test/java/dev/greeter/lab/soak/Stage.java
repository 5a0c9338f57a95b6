package dev.greeter.lab.soak;

import dev.greeter.guard.fixture.Certificates;
import dev.greeter.lab.OtlpCollector;
import dev.greeter.lab.SecretsFile;
import dev.greeter.lab.ServiceContainer;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Three replicas, the files that they watch, a collector, and named clients. */
final class Stage implements AutoCloseable {

  /** Two certificates that each renewal swaps; clients trust both. */
  static final List<String> CERTIFICATES = List.of("one", "other");

  private static final List<String> NAMES = List.of("changing", "revoked", "ada", "grace", "joan");

  private final Path directory;
  final ClientsFile clientsFile;
  final Certificates certificates;
  final OtlpCollector collector = new OtlpCollector(span -> false);
  final Map<String, ServiceContainer> replicas = new LinkedHashMap<>();
  final List<NamedClient> clients = new ArrayList<>();
  final ServiceContainer first;
  final ServiceContainer second;
  final ServiceContainer withTls;
  final boolean hasFakeTime;

  Stage(Path directory, Ledger ledger) throws Exception {
    this.directory = directory;
    clientsFile = new ClientsFile(new SecretsFile(directory.resolve("clients")));
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
    var secrets = new LinkedHashMap<String, String>();
    for (String name : NAMES) {
      secrets.put(name, clientsFile.add(name));
    }

    first = start("first", Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()), List.of(), "");
    String library = System.getProperty("greeter.faketime", "");
    hasFakeTime = !library.isEmpty();
    var options = new ArrayList<>(List.of("--tmpfs", "/logs:size=2m,mode=1777"));
    var variables = new HashMap<>(Map.of("GREETER_ACCESS_LOG_SAMPLE", "1000"));
    if (hasFakeTime) {
      options.addAll(List.of("-v", library + ":/faketime.so:ro"));
      setClock("+0");
      variables.put("FAKETIME_TIMESTAMP_FILE", directory.resolve("clock").toString());
      variables.put("FAKETIME_CACHE_DURATION", "1");
      variables.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
      // By default, each timed wait of a JVM returns at once, and the idle replica uses a core.
      variables.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
      variables.put("NO_FAKE_STAT", "1");
    }
    // Not for the whole container: its health check needs no other clock.
    String preload = hasFakeTime ? "export LD_PRELOAD=/faketime.so; " : "";
    second = start("second", variables, options, preload + "exec %s >>/logs/out 2>&1");
    withTls = start("tls", certificates.variables("used"), List.of(), "");
    for (ServiceContainer replica : replicas.values()) {
      replica.awaitStart();
    }
    for (var secret : secrets.entrySet()) {
      clients.add(new NamedClient(secret.getKey(), secret.getValue(), channels(), ledger));
    }
  }

  private ServiceContainer start(
      String name, Map<String, String> variables, List<String> options, String shell) {
    var all = new HashMap<>(variables);
    all.put("GREETER_AUTH_CLIENTS_FILE", directory.resolve("clients").toString());
    var allOptions = new ArrayList<>(ServiceContainer.mount(directory));
    allOptions.addAll(options);
    var replica = new ServiceContainer(all, allOptions, shell);
    replicas.put(name, replica);
    return replica;
  }

  /** Two of three calls go to the replicas without TLS, in turn. */
  private List<ManagedChannel> channels() throws IOException {
    ManagedChannel pair =
        Channels.to(InsecureChannelCredentials.create(), first.port(), second.port());
    return List.of(pair, pair, tls("trusted.pem"));
  }

  ManagedChannel tls(String trusted) throws IOException {
    var credentials =
        TlsChannelCredentials.newBuilder().trustManager(directory.resolve(trusted).toFile());
    return Channels.to(credentials.build(), withTls.port());
  }

  void setClock(String offset) throws IOException {
    Files.writeString(directory.resolve("clock"), offset + "\n");
  }

  NamedClient client(String name) {
    return clients.get(NAMES.indexOf(name));
  }

  void closeClients() throws InterruptedException {
    for (NamedClient client : clients) {
      client.close();
    }
  }

  @Override
  public void close() throws Exception {
    closeClients();
    replicas.values().forEach(ServiceContainer::close);
    collector.close();
  }
}
