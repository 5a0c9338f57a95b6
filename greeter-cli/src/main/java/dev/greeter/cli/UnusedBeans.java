package dev.greeter.cli;

import java.util.List;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.annotation.AnnotationConfigUtils;
import org.springframework.stereotype.Component;

/**
 * Removes the processors that scan all beans for annotations unused here: {@code @GrpcClient},
 * {@code @GrpcClientBean} and {@code @EventListener}.
 */
@Component
final class UnusedBeans implements BeanDefinitionRegistryPostProcessor {

  private static final List<String> NAMES =
      List.of(
          "grpcClientBeanPostProcessor",
          "grpcClientConstructorInjectBeanFactoryPostProcessor",
          AnnotationConfigUtils.EVENT_LISTENER_PROCESSOR_BEAN_NAME);

  @Override
  public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
    // With Spring's AOT processing, they are already absent.
    NAMES.stream().filter(registry::containsBeanDefinition).forEach(registry::removeBeanDefinition);
  }
}
