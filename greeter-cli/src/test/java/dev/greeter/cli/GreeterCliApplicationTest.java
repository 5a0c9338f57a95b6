package dev.greeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import net.devh.boot.grpc.client.inject.GrpcClientBeanPostProcessor;
import net.devh.boot.grpc.client.inject.GrpcClientConstructorInjectionBeanFactoryPostProcessor;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.event.EventListenerMethodProcessor;
import org.springframework.context.support.MessageSourceSupport;

/** What is in the context, and what is not, since it would cost every command time. */
class GreeterCliApplicationTest {

  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withUserConfiguration(GreeterCliApplication.class)
          .withBean(ApplicationArguments.class, () -> new DefaultApplicationArguments("help"))
          .withPropertyValues(
              "spring.main.lazy-initialization=true",
              "greeter.server=localhost:50051",
              "greeter.timeout=5s",
              "greeter.service-config={}",
              "greeter.auth.header=authorization",
              "greeter.auth.value=42");

  @Test
  void looksForNoAnnotationsThatNoBeanHas() {
    application.run(
        context ->
            assertThat(context)
                .hasSingleBean(GrpcChannelFactory.class)
                .doesNotHaveBean(GrpcClientBeanPostProcessor.class)
                .doesNotHaveBean(GrpcClientConstructorInjectionBeanFactoryPostProcessor.class)
                .doesNotHaveBean(EventListenerMethodProcessor.class));
  }

  @Test
  void listsNoLocales() {
    application.run(
        context -> {
          assertThat(context).doesNotHaveBean(MessageSourceSupport.class);
          assertThat(context.getMessage("none", null, "default", Locale.ROOT)).isEqualTo("default");
        });
  }
}
