package dev.greeter.service.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.KubernetesVolume;
import dev.greeter.service.RunningService;
import dev.greeter.service.kubernetes.Manifests.Kustomization.Image;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/** The manifests in {@code deploy/kubernetes} match the program, its image and Compose. */
class ManifestsTest {

  private static final Path POM = Path.of("../pom.xml");

  private final Manifests.Kustomization kustomization =
      Manifests.kustomization(Manifests.DIRECTORY);
  private final Deployment deployment = Manifests.of(Deployment.class);
  private final DeploymentSpec spec = deployment.getSpec();
  private final Map<String, String> labels = spec.getTemplate().getMetadata().getLabels();
  private final PodSpec pod = spec.getTemplate().getSpec();
  private final Container container = pod.getContainers().get(0);
  private final int port = Integer.parseInt(application("grpc.server.port"));

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ';',
      value = {
        "readOnlyRootFilesystem: true; readOnlyRootFileSystem: true; Unrecognized field",
        "minReadySeconds: 40; minReadySeconds: '40'; Cannot coerce",
        "minReadySeconds: 40; minReadySeconds: 40\\n  minReadySeconds: 40; duplicate key",
        "- name: auth; - name: 1; Cannot coerce",
        "kind: Deployment; kind: Ingress; No Ingress of apps/v1",
      })
  void parsesManifestsAsStrictlyAsCluster(String right, String wrong, String problem)
      throws IOException {
    String manifest = Files.readString(Manifests.BASE.resolve("deployment.yaml"));

    assertThatThrownBy(() -> Manifests.parse(manifest.replace(right, wrong.translateEscapes())))
        .hasMessageContaining(problem);
  }

  @Test
  void appliesAllManifestsToOneNamespace() throws IOException {
    List<String> resources = Manifests.kustomization(Manifests.BASE).resources();
    try (Stream<Path> files = Files.list(Manifests.BASE)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> !name.equals("kustomization.yaml"))
          .containsExactlyInAnyOrderElementsOf(resources);
    }
    assertThat(kustomization.resources()).containsExactly("base");
    assertThat(resources)
        .map(Manifests.BASE::resolve)
        .map(Manifests::read)
        .allSatisfy(manifest -> assertThat(manifest.getMetadata().getNamespace()).isNull())
        .filteredOn(manifest -> !(manifest instanceof Namespace))
        .allSatisfy(
            manifest -> assertThat(manifest.getMetadata().getName()).isEqualTo("greeter-service"));
    assertThat(kustomization.namespace())
        .isEqualTo(Manifests.kustomization(Manifests.BASE).namespace())
        .isEqualTo(Manifests.of(Namespace.class).getMetadata().getName());
  }

  @Test
  void usesImageBuiltByCompose() throws IOException {
    String version = find("(?m)^  <version>(.*)</version>$", Files.readString(POM)).group(1);

    assertThat(pod.getContainers()).hasSize(1);
    assertThat(compose("services.greeter-service.image")).isNull();
    assertThat(container.getImage()).isEqualTo(compose("name") + "-greeter-service");
    assertThat(kustomization.images())
        .containsExactly(new Image(container.getImage(), container.getImage(), version));
    assertThat(container.getCommand()).isEmpty();
    assertThat(container.getArgs()).isEmpty();
  }

  @Test
  void usesPortOfApplicationAndImage() throws IOException {
    ContainerPort ofContainer = container.getPorts().get(0);
    Service service = Manifests.of(Service.class);
    var ofService = service.getSpec().getPorts().get(0);

    assertThat(inImage("EXPOSE (.*)").group(1)).isEqualTo("" + port);
    assertThat(ofContainer.getContainerPort()).isEqualTo(port);
    assertThat(probes()).extracting(probe -> probe.getGrpc().getPort()).containsOnly(port);
    // With a headless service, clients connect to the replica's own port.
    assertThat(service.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(ofService.getPort()).isEqualTo(port);
    assertThat(ofService.getAppProtocol()).isEqualTo("kubernetes.io/h2c");
    assertThat(ofService.getTargetPort()).isEqualTo(new IntOrString(ofContainer.getName()));
    assertThat(service.getMetadata().getName() + ":" + port)
        .isEqualTo(compose("services.greeter-cli.environment.GREETER_SERVER"));
  }

  @Test
  void matchesComposeMemoryAndAllowsGracefulShutdown() {
    String memory = Objects.requireNonNull(compose("services.greeter-service.mem_limit"));
    var bytes = new Quantity("" + DataSize.parse(memory.toUpperCase(Locale.ROOT) + "B").toBytes());
    Duration stop = duration(application("grpc.server.shutdown-grace-period"));
    String delay = Objects.requireNonNull(variables(deployment).get("GREETER_SERVER_DRAIN_DELAY"));
    Duration drain = duration(delay);

    assertThat(container.getResources().getLimits()).containsEntry("memory", bytes);
    assertThat(container.getResources().getRequests()).containsEntry("memory", bytes);
    assertThat(duration(compose("services.greeter-service.stop_grace_period"))).isGreaterThan(stop);
    assertThat(Duration.ofSeconds(pod.getTerminationGracePeriodSeconds()))
        .isGreaterThan(drain.plus(stop));
  }

  @Test
  void meetsRestrictedPodSecurityStandard() throws IOException {
    MatchResult user = inImage("USER (\\d+):(\\d+)");
    var ofPod = pod.getSecurityContext();
    var ofContainer = container.getSecurityContext();

    assertThat(ofPod.getRunAsNonRoot()).isTrue();
    assertThat(ofPod.getRunAsUser()).isEqualTo(Long.valueOf(user.group(1)));
    assertThat(ofPod.getRunAsGroup()).isEqualTo(Long.valueOf(user.group(2)));
    assertThat(ofPod.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(ofContainer.getRunAsUser()).isNull();
    assertThat(ofContainer.getPrivileged()).isNull();
    assertThat(ofContainer.getAllowPrivilegeEscalation()).isFalse();
    assertThat(ofContainer.getReadOnlyRootFilesystem()).isTrue();
    assertThat(ofContainer.getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(ofContainer.getCapabilities().getAdd()).isEmpty();
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getEnableServiceLinks()).isFalse();
  }

  @Test
  void mountsSecretReadableOnlyByService() throws IOException {
    var mount = container.getVolumeMounts().get(0);
    var volume = pod.getVolumes().get(0);
    var generator = kustomization.secretGenerator().get(0);

    assertThat(generator.files())
        .containsExactly("greeter-auth-value")
        .isSubsetOf(Files.readAllLines(Path.of("../.gitignore")));
    // This lets a new one reach running replicas.
    assertThat(kustomization.generatorOptions().disableNameSuffixHash()).isTrue();
    assertThat(variables(deployment))
        .containsEntry("GREETER_AUTH_VALUE_FILE", mount.getMountPath() + "/greeter-auth-value");
    assertThat(mount.getName()).isEqualTo(volume.getName());
    assertThat(volume.getSecret().getSecretName()).isEqualTo(generator.name());
    assertThat(volume.getSecret().getItems()).isEmpty();
    // Kubernetes does not update a file that is mounted individually.
    assertThat(mount.getSubPath()).isNull();
    assertThat(mount.getSubPathExpr()).isNull();
    // The files belong to root and to this group.
    assertThat(volume.getSecret().getDefaultMode()).isEqualTo(0440);
    assertThat(pod.getSecurityContext().getFsGroup())
        .isEqualTo(pod.getSecurityContext().getRunAsGroup());
  }

  /** Uses the manifest's variables, and the kubelet's layout of the secret. */
  @Test
  void answersProbesAndReloadsMountedSecret(@TempDir Path mount) throws IOException {
    Map<String, String> variables = variables(deployment);
    var volume = new KubernetesVolume(mount, "greeter-auth-value", "first\n");
    variables.put("GREETER_AUTH_VALUE_FILE", volume.file().toString());
    variables.remove("GREETER_SERVER_DRAIN_DELAY"); // The test must not wait for it.

    try (var service = new RunningService(variables)) {
      assertThat(probes())
          .extracting(probe -> Objects.requireNonNullElse(probe.getGrpc().getService(), ""))
          .allSatisfy(name -> assertThat(check(service, name)).isEqualTo(Code.OK));
      assertThat(greet(service, "first")).isEqualTo(Code.OK);
      assertThat(greet(service, "42")).isEqualTo(Code.UNAUTHENTICATED);

      volume.replace("second\n");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(greet(service, "second")).isEqualTo(Code.OK));
      assertThat(greet(service, "first")).isEqualTo(Code.UNAUTHENTICATED);
    }
  }

  @Test
  void switchesToClientsFileByDocumentedEdit() throws IOException {
    MatchResult edit =
        find(
            "(?m)^sed -i 's/(.*)/(.*)/; s/(.*)/(.*)/' deploy/kubernetes/\\S+ .*$",
            Files.readString(Path.of("../docs/operate.md")));

    assertThat(edited("kustomization.yaml", edit)).contains("files: [greeter-auth-clients]");
    assertThat(variables((Deployment) Manifests.parse(edited("base/deployment.yaml", edit))))
        .doesNotContainKey("GREETER_AUTH_VALUE_FILE")
        .hasEntrySatisfying(
            "GREETER_AUTH_CLIENTS_FILE",
            path -> assertThat(path).endsWith("/greeter-auth-clients"));
  }

  @Test
  void rollsOutOneReplicaAtATime() {
    var update = spec.getStrategy().getRollingUpdate();

    assertThat(spec.getStrategy().getType()).isEqualTo("RollingUpdate");
    assertThat(update.getMaxUnavailable()).isEqualTo(new IntOrString(0));
    assertThat(update.getMaxSurge()).isEqualTo(new IntOrString(1));
    // By default, gRPC clients do not repeat a name lookup for 30 s.
    assertThat(spec.getMinReadySeconds()).isGreaterThan(30);
    assertThat(Manifests.of(PodDisruptionBudget.class).getSpec().getMaxUnavailable())
        .isEqualTo(new IntOrString(1));
  }

  @Test
  void probesOverTlsLikeImageHealthCheck() throws IOException {
    Deployment patch = Manifests.of(Deployment.class, "tls");
    PodSpec patched = patch.getSpec().getTemplate().getSpec();
    Container tls = patched.getContainers().get(0);
    var mount = tls.getVolumeMounts().get(0);
    String check = inImage("HEALTHCHECK [^\\[]*(?s:(\\[.*?\\]))").group(1);
    String[] command = new ObjectMapper().readValue(check.replace("\\\n", ""), String[].class);

    assertThat(tls.getName()).isEqualTo(container.getName());
    assertThat(List.of(tls.getStartupProbe(), tls.getReadinessProbe(), tls.getLivenessProbe()))
        .extracting(probe -> probe.getExec().getCommand())
        .containsOnly(List.of(command));
    assertThat(variables(patch))
        .containsEntry("GRPC_SERVER_SECURITY_ENABLED", "true")
        .containsEntry(
            "GRPC_SERVER_SECURITY_CERTIFICATE_CHAIN", "file:" + mount.getMountPath() + "/tls.crt")
        .containsEntry(
            "GRPC_SERVER_SECURITY_PRIVATE_KEY", "file:" + mount.getMountPath() + "/tls.key");
    assertThat(mount.getName()).isEqualTo(patched.getVolumes().get(0).getName());
    // The files belong to root and to the pod's group.
    assertThat(patched.getVolumes().get(0).getSecret().getDefaultMode()).isEqualTo(0440);
    assertThat(Manifests.of(Service.class, "tls").getSpec().getPorts())
        .extracting(ServicePort::getPort)
        .containsExactly(port);
  }

  @Test
  void allowsTelemetryEgressOnlyToCollector() {
    Deployment patch = Manifests.of(Deployment.class, "telemetry");
    URI collector = URI.create(variables(patch).get("OTEL_EXPORTER_OTLP_ENDPOINT"));
    var rule = Manifests.of(NetworkPolicy.class, "telemetry").getSpec().getEgress().get(0);

    assertThat(collector.getHost())
        .endsWith(
            "."
                + rule.getTo()
                    .get(0)
                    .getNamespaceSelector()
                    .getMatchLabels()
                    .get("kubernetes.io/metadata.name"));
    assertThat(rule.getPorts())
        .extracting(NetworkPolicyPort::getPort)
        .containsExactly(new IntOrString(collector.getPort()));
    // A variable may refer only to one declared before it.
    assertThat(patch.getSpec().getTemplate().getSpec().getContainers().get(0).getEnv())
        .startsWith(
            new EnvVarBuilder()
                .withName("POD_NAME")
                .withNewValueFrom()
                .withNewFieldRef(null, "metadata.name")
                .endValueFrom()
                .build(),
            new EnvVar("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=$(POD_NAME)", null));
  }

  @Test
  void offersTlsAndTelemetryAsComponents() throws IOException {
    String switches = Files.readString(Manifests.DIRECTORY.resolve("kustomization.yaml"));

    assertThat(Pattern.compile("(?m)^  # - (.*)$").matcher(switches).results())
        .extracting(line -> line.group(1))
        .containsExactly("tls", "telemetry")
        .allSatisfy(
            component ->
                assertThat(Manifests.kustomization(Manifests.DIRECTORY.resolve(component)).kind())
                    .isEqualTo("Component"));
  }

  @Test
  void leavesReplicaCountToAutoscaler() {
    var autoscaler = Manifests.of(HorizontalPodAutoscaler.class).getSpec();
    var target = autoscaler.getScaleTargetRef();
    var metric = autoscaler.getMetrics().get(0).getResource();

    assertThat(spec.getReplicas()).isNull();
    assertThat(autoscaler.getMinReplicas()).isEqualTo(3);
    assertThat(autoscaler.getMaxReplicas()).isGreaterThan(3);
    assertThat(target.getApiVersion()).isEqualTo(deployment.getApiVersion());
    assertThat(target.getKind()).isEqualTo(deployment.getKind());
    assertThat(target.getName()).isEqualTo(deployment.getMetadata().getName());
    assertThat(metric.getTarget().getAverageUtilization()).isBetween(1, 99);
    // Utilization is relative to the container's request.
    assertThat(container.getResources().getRequests()).containsKey(metric.getName());
  }

  @Test
  void spreadsReplicasOfEachRolloutSeparately() {
    assertThat(pod.getTopologySpreadConstraints())
        .extracting(TopologySpreadConstraint::getMatchLabelKeys)
        .containsOnly(List.of("pod-template-hash"));
  }

  @Test
  void selectsReplicasByLabels() {
    assertThat(labels).isNotEmpty();
    assertThat(spec.getSelector().getMatchLabels()).isEqualTo(labels);
    assertThat(pod.getTopologySpreadConstraints())
        .extracting(constraint -> constraint.getLabelSelector().getMatchLabels())
        .hasSize(2)
        .containsOnly(labels);
    assertThat(Manifests.of(Service.class).getSpec().getSelector()).isEqualTo(labels);
    assertThat(Manifests.of(PodDisruptionBudget.class).getSpec().getSelector().getMatchLabels())
        .isEqualTo(labels);
    assertThat(Manifests.of(NetworkPolicy.class).getSpec().getPodSelector().getMatchLabels())
        .isEqualTo(labels);
  }

  @Test
  void allowsIngressFromLabelledClientsAndNoEgress() {
    var policy = Manifests.of(NetworkPolicy.class).getSpec();
    var rule = policy.getIngress().get(0);
    var peer = rule.getFrom().get(0);

    assertThat(policy.getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
    assertThat(policy.getEgress()).isEmpty();
    assertThat(policy.getIngress()).hasSize(1);
    assertThat(rule.getFrom()).hasSize(1);
    assertThat(peer.getPodSelector().getMatchLabels()).isEqualTo(Map.of("greeter-client", "true"));
    assertThat(peer.getNamespaceSelector()).isNull();
    assertThat(peer.getIpBlock()).isNull();
    assertThat(rule.getPorts())
        .extracting(NetworkPolicyPort::getPort)
        .containsExactly(new IntOrString(port));
  }

  private List<Probe> probes() {
    return List.of(
        container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe());
  }

  private static Map<String, String> variables(Deployment deployment) {
    Map<String, String> variables = new HashMap<>();
    var containers = deployment.getSpec().getTemplate().getSpec().getContainers();
    for (EnvVar variable : containers.get(0).getEnv()) {
      variables.put(variable.getName(), variable.getValue());
    }
    return variables;
  }

  private static String edited(String file, MatchResult edit) throws IOException {
    return Files.readString(Manifests.DIRECTORY.resolve(file))
        .replace(edit.group(1), edit.group(2))
        .replace(edit.group(3), edit.group(4));
  }

  private static Code check(RunningService service, String name) {
    var request = HealthCheckRequest.newBuilder().setService(name).build();
    return service.call(HealthGrpc.getCheckMethod(), request, "x-probe", "1").getCode();
  }

  private static Code greet(RunningService service, String secret) {
    var request = GreetingRequest.newBuilder().setName("Ada").build();
    return service.call(GreeterGrpc.getGreetMethod(), request, "authorization", secret).getCode();
  }

  /** Finds an instruction in the last stage of the service's image. */
  private static MatchResult inImage(String instruction) throws IOException {
    String dockerfile = Files.readString(Path.of("../deploy/images/Dockerfile"));
    String stage = find("(?ms)^FROM \\S+ AS greeter-service$.*?(?=^FROM )", dockerfile).group();
    return find("(?m)^" + instruction + "$", stage);
  }

  private static MatchResult find(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().findFirst().orElseThrow();
  }

  private static Duration duration(String value) {
    return DurationStyle.detectAndParse(value);
  }

  private static String application(String property) {
    return Manifests.properties("src/main/resources/application.yml").getProperty(property);
  }

  private static String compose(String path) {
    return Manifests.properties("../docker-compose.yml").getProperty(path);
  }
}
