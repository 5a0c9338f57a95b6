package dev.greeter.service.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.service.kubernetes.Manifests.Kustomization.Image;
import dev.greeter.service.kubernetes.Manifests.Kustomization.SecretGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is applied: every manifest, well-formed, in one namespace, with the user's own secret. */
class KustomizationTest {

  private final Manifests.Kustomization kustomization = Manifests.kustomization();

  static List<String> manifests() {
    return Manifests.kustomization().resources();
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void appliesManifestsOfKnownFieldsAlone(String file) {
    HasMetadata manifest = Manifests.read(file);

    // kustomization.yaml puts it there.
    assertThat(manifest.getMetadata().getNamespace()).isNull();
    if (!(manifest instanceof Namespace)) {
      assertThat(manifest.getMetadata().getName()).isEqualTo("greeter-service");
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ';',
      value = {
        "readOnlyRootFilesystem: true; readOnlyRootFileSystem: true; Unrecognized field",
        "minReadySeconds: 40; additionalProperties: {}; Ignored field",
        "minReadySeconds: 40; minReadySeconds: '40'; Cannot coerce",
        "minReadySeconds: 40; minReadySeconds: 40\\n  minReadySeconds: 40; duplicate key",
        "readOnly: true; readOnly: 'true'; Cannot coerce",
        "- name: auth; - name: 1; Cannot coerce",
        "- name: auth; - name: 1.5; Cannot coerce",
        "- name: auth; - name: yes; Cannot coerce",
        "kind: Deployment; kind: Ingress; No Ingress of apps/v1",
        "apiVersion: apps/v1; apiVersion: apps/v1beta1; No Deployment of apps/v1beta1",
      })
  void isReadAsStrictlyAsAClusterReadsIt(String right, String wrong, String problem)
      throws IOException {
    String manifest = Files.readString(Manifests.DIRECTORY.resolve("deployment.yaml"));
    Manifests.parse(manifest);

    assertThatThrownBy(() -> Manifests.parse(manifest.replace(right, wrong.translateEscapes())))
        .hasMessageContaining(problem);
  }

  @Test
  void listsEachFile() throws IOException {
    try (Stream<Path> files = Files.list(Manifests.DIRECTORY)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".yaml") && !name.equals("kustomization.yaml"))
          .containsExactlyInAnyOrderElementsOf(kustomization.resources());
    }
  }

  @Test
  void makesTheNamespaceThatItUses() {
    assertThat(kustomization.namespace())
        .isEqualTo(Manifests.of(Namespace.class).getMetadata().getName());
  }

  @Test
  void saysWhereTheImageIs() {
    String image =
        Manifests.of(Deployment.class)
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .get(0)
            .getImage();

    assertThat(kustomization.images()).extracting(Image::name).containsExactly(image);
  }

  @Test
  void takesTheSecretFromAFileThatGitIgnores() throws IOException {
    assertThat(kustomization.secretGenerator())
        .flatExtracting(SecretGenerator::files)
        .containsExactly("greeter-auth-value")
        .isSubsetOf(Files.readAllLines(Path.of("../.gitignore")));
  }

  @Test
  void keepsTheNameOfTheSecretSoThatANewOneReachesRunningReplicas() {
    assertThat(kustomization.generatorOptions().disableNameSuffixHash()).isTrue();
  }
}
