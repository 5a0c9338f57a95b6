package dev.greeter.service.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.greeter.service.kubernetes.Manifests.Kustomization.Patch;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.YamlMapFactoryBean;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/** The manifests, read as strictly as in a cluster. */
final class Manifests {

  static final Path DIRECTORY = Path.of("../deploy/kubernetes");
  static final Path BASE = DIRECTORY.resolve("base");

  private static final Map<String, Class<? extends HasMetadata>> TYPES =
      Stream.of(
              Deployment.class,
              HorizontalPodAutoscaler.class,
              Namespace.class,
              NetworkPolicy.class,
              PodDisruptionBudget.class,
              Service.class)
          .collect(toMap(HasMetadata::getKind, Function.identity()));

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text -> {
                text.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
                text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                text.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
              })
          .annotationIntrospector(
              // The models would accept any unknown field.
              new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated method) {
                  return false;
                }
              })
          .build();

  /** The content of kustomization.yaml; other fields are rejected. */
  record Kustomization(
      String apiVersion,
      String kind,
      String namespace,
      List<String> resources,
      List<String> components,
      List<Patch> patches,
      List<Image> images,
      List<SecretGenerator> secretGenerator,
      GeneratorOptions generatorOptions) {

    record Patch(String path) {}

    record Image(String name, String newName, String newTag) {}

    record SecretGenerator(String name, List<String> files) {}

    record GeneratorOptions(boolean disableNameSuffixHash) {}
  }

  private Manifests() {}

  /** Reads a directory's kustomization. */
  static Kustomization kustomization(Path directory) {
    return STRICT.convertValue(
        yaml(new FileSystemResource(directory.resolve("kustomization.yaml"))), Kustomization.class);
  }

  /** Reads the only manifest of a type. */
  static <T extends HasMetadata> T of(Class<T> type) {
    return of(type, BASE, kustomization(BASE).resources().stream());
  }

  /** Reads the only patch of a type, in a component. */
  static <T extends HasMetadata> T of(Class<T> type, String component) {
    Path directory = DIRECTORY.resolve(component);
    return of(type, directory, kustomization(directory).patches().stream().map(Patch::path));
  }

  private static <T extends HasMetadata> T of(Class<T> type, Path directory, Stream<String> files) {
    List<T> found =
        files
            .map(directory::resolve)
            .map(Manifests::read)
            .filter(type::isInstance)
            .map(type::cast)
            .toList();
    if (found.size() != 1) {
      throw new IllegalStateException(found.size() + " manifests of " + type);
    }
    return found.get(0);
  }

  /** Reads a file; fails if its kind or a field's name or type is unknown. */
  static HasMetadata read(Path file) {
    return parse(new FileSystemResource(file));
  }

  static HasMetadata parse(String manifest) {
    return parse(new ByteArrayResource(manifest.getBytes(UTF_8)));
  }

  private static HasMetadata parse(Resource manifest) {
    Map<String, Object> fields = yaml(manifest);
    Object kind = fields.get("kind");
    Class<? extends HasMetadata> type = TYPES.get(kind);
    if (type == null
        || !Objects.equals(fields.get("apiVersion"), HasMetadata.getApiVersion(type))) {
      throw new IllegalArgumentException("No " + kind + " of " + fields.get("apiVersion"));
    }
    return STRICT.convertValue(fields, type);
  }

  /** Reads a settings file as properties, by path. */
  static Properties properties(String file) {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new FileSystemResource(file));
    return Objects.requireNonNull(yaml.getObject());
  }

  /** Reads YAML without duplicate keys. */
  private static Map<String, Object> yaml(Resource resource) {
    var yaml = new YamlMapFactoryBean();
    yaml.setResources(resource);
    return Objects.requireNonNull(yaml.getObject());
  }
}
