package dev.greeter.service.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.guard.fixture.KubernetesVolume;
import dev.greeter.service.RunningService;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** A replica is run as the image, Compose and {@code application.yml} have it. */
class ReplicaTest {

  private final PodSpec pod = Manifests.of(Deployment.class).getSpec().getTemplate().getSpec();
  private final Container container = pod.getContainers().get(0);

  @Test
  void isTheOneContainerOfTheImageThatComposeBuilds() {
    assertThat(pod.getContainers()).hasSize(1);
    assertThat(Sources.compose("services.greeter-service.image")).isNull();
    assertThat(container.getImage()).isEqualTo(Sources.compose("name") + "-greeter-service");
    assertThat(container.getCommand()).isEmpty();
    assertThat(container.getArgs()).isEmpty();
  }

  @Test
  void listensAndIsProbedOnThePortOfTheProgramAndTheImage() throws IOException {
    assertThat(container.getPorts())
        .extracting(ContainerPort::getContainerPort)
        .containsExactly(Sources.port());
    assertThat(probes())
        .extracting(probe -> probe.getGrpc().getPort())
        .containsOnly(Sources.port());
    assertThat(Sources.inImage("EXPOSE (.*)").group(1)).isEqualTo("" + Sources.port());
  }

  @Test
  void hasTheMemoryThatComposeGivesIt() {
    String limit = Objects.requireNonNull(Sources.compose("services.greeter-service.mem_limit"));
    long bytes = DataSize.parse(limit.toUpperCase(Locale.ROOT) + "B").toBytes();

    assertThat(bytes(container.getResources().getLimits())).isEqualTo(bytes);
    assertThat(bytes(container.getResources().getRequests())).isEqualTo(bytes);
  }

  @Test
  void hasTimeToFinishItsCallsAsComposeGivesIt() {
    Duration grace = Duration.ofSeconds(pod.getTerminationGracePeriodSeconds());

    assertThat(grace)
        .isEqualTo(Sources.duration(Sources.compose("services.greeter-service.stop_grace_period")))
        .isGreaterThan(Sources.duration(Sources.application("grpc.server.shutdown-grace-period")));
  }

  @Test
  void isConfinedAsTheRestrictedStandardDemandsAndComposeDoes() throws IOException {
    MatchResult user = Sources.inImage("USER (\\d+):(\\d+)");
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
  void findsTheSecretWhereItIsMounted() {
    VolumeMount mount = container.getVolumeMounts().get(0);
    var volume = pod.getVolumes().get(0);
    var generator = Manifests.kustomization().secretGenerator().get(0);

    assertThat(variables(container))
        .containsEntry(
            "GREETER_AUTH_VALUE_FILE", mount.getMountPath() + "/" + generator.files().get(0));
    assertThat(mount.getName()).isEqualTo(volume.getName());
    assertThat(volume.getSecret().getSecretName()).isEqualTo(generator.name());
    assertThat(volume.getSecret().getItems()).isEmpty();
    // Kubernetes writes no new content to a file that is mounted by itself.
    assertThat(mount.getSubPath()).isNull();
    assertThat(mount.getSubPathExpr()).isNull();
  }

  @Test
  void aloneReadsTheSecret() {
    // The files belong to root and to this group.
    assertThat(pod.getVolumes().get(0).getSecret().getDefaultMode()).isEqualTo(0440);
    assertThat(pod.getSecurityContext().getFsGroup())
        .isEqualTo(pod.getSecurityContext().getRunAsGroup());
  }

  @Test
  void isGivenVariablesOfTheServiceAlone() throws IOException {
    List<String> documented =
        Files.readAllLines(Path.of("../docs/settings.md")).stream()
            .map(Pattern.compile("\\| `([A-Z_]+)` \\| (both|service) \\|.*")::matcher)
            .filter(Matcher::matches)
            .map(row -> row.group(1))
            .toList();

    assertThat(variables(container).keySet()).isNotEmpty().isSubsetOf(documented);
  }

  /** With the variables of the manifest, and the secret laid out as the kubelet lays it out. */
  @Test
  void answersItsProbesAndFollowsTheSecretThatKubernetesReplaces(@TempDir Path mount)
      throws IOException {
    assertFollows(mount, variables(container), "GREETER_AUTH_VALUE_FILE", "marker-%d");
  }

  /** By the change of the manifests that docs/operate.md shows. */
  @Test
  void followsTheSecretsOfClientsTheSameWay(@TempDir Path mount) throws IOException {
    MatchResult edit =
        Sources.inOperate("sed -i 's/(.*)/(.*)/; s/(.*)/(.*)/' deploy/kubernetes/\\S+ .*");
    var edited = (Deployment) Manifests.parse(edited("deployment.yaml", edit));
    assertThat(edited("kustomization.yaml", edit)).contains("files: [greeter-auth-clients]");

    var containers = edited.getSpec().getTemplate().getSpec().getContainers();
    var variables = variables(containers.get(0));
    assertThat(variables).doesNotContainKey("GREETER_AUTH_VALUE_FILE");
    assertFollows(mount, variables, "GREETER_AUTH_CLIENTS_FILE", "ada marker-%d");
  }

  private static String edited(String file, MatchResult edit) throws IOException {
    return Files.readString(Manifests.DIRECTORY.resolve(file))
        .replace(edit.group(1), edit.group(2))
        .replace(edit.group(3), edit.group(4));
  }

  private void assertFollows(
      Path mount, Map<String, String> variables, String variable, String content)
      throws IOException {
    String name = Path.of(variables.get(variable)).getFileName().toString();
    var volume = new KubernetesVolume(mount, name, content.formatted(1) + "\n");
    variables.put(variable, volume.file().toString());

    try (var service = new RunningService(variables)) {
      assertThat(probes()).extracting(probe -> check(service, probe)).containsOnly(Code.OK);
      assertThat(greet(service, "marker-1")).isEqualTo(Code.OK);
      assertThat(greet(service, "42")).isEqualTo(Code.UNAUTHENTICATED);

      volume.replace(content.formatted(2) + "\n");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(greet(service, "marker-2")).isEqualTo(Code.OK));
      assertThat(greet(service, "marker-1")).isEqualTo(Code.UNAUTHENTICATED);
    }
  }

  private static Code check(RunningService service, Probe probe) {
    GRPCAction grpc = probe.getGrpc();
    var request =
        HealthCheckRequest.newBuilder()
            .setService(Objects.requireNonNullElse(grpc.getService(), ""));
    return service.call(HealthGrpc.getCheckMethod(), request.build(), "x-probe", "1").getCode();
  }

  private static Code greet(RunningService service, String secret) {
    var request = GreetingRequest.newBuilder().setName("Ada").build();
    return service.call(GreeterGrpc.getGreetMethod(), request, "authorization", secret).getCode();
  }

  private List<Probe> probes() {
    return Stream.of(
            container.getStartupProbe(),
            container.getReadinessProbe(),
            container.getLivenessProbe())
        .map(Objects::requireNonNull)
        .toList();
  }

  private static Map<String, String> variables(Container container) {
    Map<String, String> variables = new HashMap<>();
    for (EnvVar variable : container.getEnv()) {
      variables.put(variable.getName(), variable.getValue());
    }
    return variables;
  }

  private static long bytes(Map<String, Quantity> resources) {
    return Objects.requireNonNull(resources.get("memory")).getNumericalAmount().longValueExact();
  }
}
