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

/** The manifests, read as strictly as a cluster reads them. */
final class Manifests {

  static final Path DIRECTORY = Path.of("../deploy/kubernetes");

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
              // The models would take every field that they do not know.
              new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated method) {
                  return false;
                }
              })
          .build();

  /** What kustomization.yaml says; any other field is refused. */
  record Kustomization(
      String apiVersion,
      String kind,
      String namespace,
      List<String> resources,
      List<Image> images,
      List<SecretGenerator> secretGenerator,
      GeneratorOptions generatorOptions) {

    record Image(String name, String newName, String newTag) {}

    record SecretGenerator(String name, List<String> files) {}

    record GeneratorOptions(boolean disableNameSuffixHash) {}
  }

  private Manifests() {}

  static Kustomization kustomization() {
    return STRICT.convertValue(
        yaml(new FileSystemResource(DIRECTORY.resolve("kustomization.yaml"))), Kustomization.class);
  }

  /** Reads the only manifest of a type. */
  static <T extends HasMetadata> T of(Class<T> type) {
    List<T> found =
        kustomization().resources().stream()
            .map(Manifests::read)
            .filter(type::isInstance)
            .map(type::cast)
            .toList();
    if (found.size() != 1) {
      throw new IllegalStateException(found.size() + " manifests of " + type);
    }
    return found.get(0);
  }

  /** Reads a file; fails if it is of no known kind, or has a field of another name or type. */
  static HasMetadata read(String file) {
    return parse(new FileSystemResource(DIRECTORY.resolve(file)));
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

  /** Reads a file of settings, by their paths. */
  static Properties properties(String file) {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new FileSystemResource(file));
    return Objects.requireNonNull(yaml.getObject());
  }

  /** Reads YAML, in which no key may be given twice. */
  private static Map<String, Object> yaml(Resource resource) {
    var yaml = new YamlMapFactoryBean();
    yaml.setResources(resource);
    return Objects.requireNonNull(yaml.getObject());
  }
}
