package dev.greeter.service.error;

import net.devh.boot.grpc.server.service.AnnotationGrpcServiceDiscoverer;
import net.devh.boot.grpc.server.service.GrpcServiceDefinition;
import net.devh.boot.grpc.server.service.GrpcServiceDiscoverer;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the exception mapping around every service, and a check around every setting. */
@Configuration(proxyBeanMethods = false)
class ErrorConfiguration {

  @Bean
  ConfigurationPropertiesBindHandlerAdvisor settingsThatAreSet() {
    return SettingsThatAreSet::new;
  }

  /**
   * Wraps the services where the starter finds them: no global interceptor can wrap the parsing.
   */
  @Bean
  GrpcServiceDiscoverer guardedServices(ApplicationContext context) {
    var annotated = new AnnotationGrpcServiceDiscoverer();
    annotated.setApplicationContext(context);
    return () ->
        annotated.findGrpcServices().stream()
            .map(
                service ->
                    new GrpcServiceDefinition(
                        service.getBeanName(),
                        service.getBeanClazz(),
                        ExceptionInterceptor.guard(service.getDefinition())))
            .toList();
  }
}
