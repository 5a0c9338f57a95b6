package dev.greeter.service.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is around the replicas means these, and lets none be missed. */
class ReplicasTest {

  private final Deployment deployment = Manifests.of(Deployment.class);
  private final DeploymentSpec spec = deployment.getSpec();
  private final Map<String, String> labels = spec.getTemplate().getMetadata().getLabels();

  @Test
  void areReplacedOneByOneWhenClientsCanKnowTheNewOne() {
    var update = spec.getStrategy().getRollingUpdate();

    assertThat(spec.getStrategy().getType()).isEqualTo("RollingUpdate");
    assertThat(update.getMaxUnavailable()).isEqualTo(new IntOrString(0));
    assertThat(update.getMaxSurge()).isEqualTo(new IntOrString(1));
    // For 30 s gRPC for Java does not look a name up again.
    assertThat(spec.getMinReadySeconds()).isGreaterThan(30);
  }

  @Test
  void areThreeOrMoreAsTheAutoscalerAloneSays() {
    var autoscaler = Manifests.of(HorizontalPodAutoscaler.class).getSpec();
    var target = autoscaler.getScaleTargetRef();
    var metric = autoscaler.getMetrics().get(0).getResource();

    assertThat(spec.getReplicas()).isNull();
    assertThat(autoscaler.getMinReplicas()).isEqualTo(3);
    assertThat(autoscaler.getMaxReplicas()).isGreaterThan(3);
    assertThat(target.getApiVersion()).isEqualTo(deployment.getApiVersion());
    assertThat(target.getKind()).isEqualTo(deployment.getKind());
    assertThat(target.getName()).isEqualTo(deployment.getMetadata().getName());
    assertThat(metric.getName()).isEqualTo("cpu");
    assertThat(metric.getTarget().getType()).isEqualTo("Utilization");
    assertThat(metric.getTarget().getAverageUtilization()).isBetween(1, 99);
    // Utilization is measured against what a container requests.
    assertThat(spec.getTemplate().getSpec().getContainers())
        .allSatisfy(c -> assertThat(c.getResources().getRequests()).containsKey("cpu"));
  }

  @Test
  void areSelectedByTheirLabels() {
    assertThat(labels).isNotEmpty();
    assertThat(spec.getSelector().getMatchLabels()).isEqualTo(labels);
    assertThat(spec.getTemplate().getSpec().getTopologySpreadConstraints())
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
  void areEvictedOneAtATime() {
    assertThat(Manifests.of(PodDisruptionBudget.class).getSpec().getMaxUnavailable())
        .isEqualTo(new IntOrString(1));
  }

  @Test
  void areAllFoundUnderTheAddressThatComposeGivesTheClient() {
    Service service = Manifests.of(Service.class);
    ServicePort port = service.getSpec().getPorts().get(0);

    assertThat(service.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(service.getMetadata().getName() + ":" + port.getPort())
        .isEqualTo(Sources.compose("services.greeter-cli.environment.GREETER_SERVER"));
    // Of a headless service clients connect to the replica's own port.
    assertThat(port.getPort()).isEqualTo(Sources.port());
    assertThat(port.getTargetPort())
        .isEqualTo(
            new IntOrString(
                spec.getTemplate().getSpec().getContainers().get(0).getPorts().get(0).getName()));
  }

  @Test
  void areReachedByLabelledClientsAloneAndReachNobody() {
    var policy = Manifests.of(NetworkPolicy.class).getSpec();
    var rule = policy.getIngress().get(0);
    var peer = rule.getFrom().get(0);

    assertThat(policy.getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
    assertThat(policy.getEgress()).isEmpty();
    assertThat(policy.getIngress()).hasSize(1);
    assertThat(rule.getFrom()).hasSize(1);
    assertThat(peer.getPodSelector().getMatchLabels())
        .containsExactly(Map.entry("greeter-client", "true"));
    assertThat(peer.getNamespaceSelector()).isNull();
    assertThat(peer.getIpBlock()).isNull();
    assertThat(rule.getPorts())
        .extracting(NetworkPolicyPort::getPort)
        .containsExactly(new IntOrString(Sources.port()));
  }
}
