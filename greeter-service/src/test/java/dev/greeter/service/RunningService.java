package dev.greeter.service;

import dev.greeter.service.fixture.TestCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The whole application on an in-process transport, with environment variables of its own. */
final class RunningService implements AutoCloseable {

  private static final String VARIABLES =
      StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

  private final ConfigurableApplicationContext application;
  private final ManagedChannel channel;

  /**
   * Starts the application.
   *
   * @param variables environment variables beside those that choose the transport
   */
  RunningService(Map<String, String> variables) {
    String name = InProcessServerBuilder.generateName();
    var all = new HashMap<String, Object>();
    all.put("GRPC_SERVER_IN_PROCESS_NAME", name);
    all.put("GRPC_SERVER_PORT", "-1");
    all.putAll(variables);
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(VARIABLES, new SystemEnvironmentPropertySource(VARIABLES, all));
    application =
        new SpringApplicationBuilder(GreeterServiceApplication.class)
            .environment(environment)
            .run();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  /** Calls a method, and returns how the call has ended. */
  <Q> Status call(MethodDescriptor<Q, ?> method, Q request, String header, String value) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
    return TestCall.send(channel, method, headers, request).status();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    application.close();
  }
}
