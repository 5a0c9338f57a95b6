package dev.greeter.lab.other;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** A service with Spring Boot's own gRPC support. */
@SpringBootApplication
class BootGreeter {

  /**
   * Serves until SIGTERM.
   *
   * @param arguments {@code plain}, {@code guard}, or both the guard and the {@code connections}
   */
  public static void main(String[] arguments) throws IOException {
    Map<String, Object> settings = new HashMap<>();
    settings.put("spring.grpc.server.address", "127.0.0.1");
    settings.put("spring.grpc.server.port", System.getenv("GRPC_SERVER_PORT"));
    settings.put("spring.grpc.server.shutdown.grace-period", "3s");
    settings.put("spring.main.banner-mode", "off");
    switch (arguments[0]) {
      case "plain" ->
          settings.put(
              "spring.autoconfigure.exclude",
              "dev.greeter.guard.autoconfigure.GuardServerAutoConfiguration");
      case "guard" -> settings.put("grpc.guard.connections.enabled", false);
      default -> {}
    }
    settings.put("grpc.guard.secret-file", secretFile());
    String chain = System.getenv("GRPC_SERVER_SECURITY_CERTIFICATE_CHAIN");
    if (chain != null) {
      settings.put("spring.grpc.server.ssl.bundle", "attacked");
      settings.put("spring.ssl.bundle.pem.attacked.keystore.certificate", chain);
      settings.put(
          "spring.ssl.bundle.pem.attacked.keystore.private-key",
          System.getenv("GRPC_SERVER_SECURITY_PRIVATE_KEY"));
    }
    var application = new SpringApplication(BootGreeter.class);
    application.setDefaultProperties(settings);
    application.run();
  }

  /** Writes the attacks' secret to the writable part of a read-only container. */
  private static String secretFile() throws IOException {
    return Files.writeString(Path.of("/dev/shm/secret"), "42\n").toString();
  }
}
