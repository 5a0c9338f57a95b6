package dev.greeter.cli;

import java.util.List;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.annotation.AnnotationConfigUtils;
import org.springframework.stereotype.Component;

/**
 * Takes out of the context what looks through the methods of every bean for annotations that no
 * bean here has: {@code @GrpcClient}, {@code @GrpcClientBean} and {@code @EventListener}.
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
    // Beans that were prepared in the build come without them.
    NAMES.stream().filter(registry::containsBeanDefinition).forEach(registry::removeBeanDefinition);
  }
}
