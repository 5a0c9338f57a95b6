package dev.greeter.service.health;

import dev.greeter.service.error.InvalidSetting;
import dev.greeter.service.server.StarterSettings;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import net.devh.boot.grpc.server.config.ClientAuth;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.beans.propertyeditors.CustomBooleanEditor;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.Resource;
import org.springframework.util.NumberUtils;

/**
 * Where the service listens, and how: its environment variables, read as it reads them. Spring
 * Boot's binder would do that, too, and take a quarter of a probe's CPU time for it.
 */
final class ProbeSettings {

  /** The default in {@code application.yml}. */
  private static final int PORT = 50051;

  private final Map<String, String> variables = new HashMap<>();

  private ProbeSettings(Map<String, String> environment) {
    environment.forEach((name, value) -> variables.put(letters(name), value));
  }

  /**
   * Reads the settings that a probe needs.
   *
   * @param environment the environment variables
   * @throws FailureAnalyzedException if one cannot be used; the message does not show its value
   */
  static GrpcServerProperties from(Map<String, String> environment) {
    var settings = new GrpcServerProperties();
    var security = settings.getSecurity();
    settings.setPort(PORT);
    var read = new ProbeSettings(environment);
    Function<String, Resource> file = new DefaultResourceLoader()::getResource;
    read.set("address", String.class, text -> text, settings::setAddress);
    read.set("port", int.class, ProbeSettings::number, settings::setPort);
    read.set("security.enabled", boolean.class, ProbeSettings::yes, security::setEnabled);
    read.set(
        "security.client-auth", ClientAuth.class, ProbeSettings::auth, security::setClientAuth);
    read.set("security.certificate-chain", Resource.class, file, security::setCertificateChain);
    read.set("security.private-key", Resource.class, file, security::setPrivateKey);
    read.set(
        "security.private-key-password",
        String.class,
        text -> text,
        security::setPrivateKeyPassword);
    StarterSettings.checkAddress(settings);
    return settings;
  }

  private <T> void set(String name, Class<T> type, Function<String, T> reader, Consumer<T> setter) {
    String property = "grpc.server." + name;
    String value = variables.get(letters(property));
    if (value != null) {
      try {
        setter.accept(reader.apply(value));
      } catch (IllegalArgumentException e) {
        throw InvalidSetting.isNot(property, InvalidSetting.wanted(type));
      }
    }
  }

  /**
   * What counts of a name: to Spring Boot {@code A_B_C} is {@code a.b-c}, and so is {@code A_BC}.
   */
  private static String letters(String name) {
    return name.replaceAll("[._-]", "").toUpperCase(Locale.ROOT);
  }

  private static int number(String text) {
    return NumberUtils.parseNumber(text, Integer.class);
  }

  private static boolean yes(String text) {
    var editor = new CustomBooleanEditor(false);
    editor.setAsText(text);
    return Boolean.TRUE.equals(editor.getValue());
  }

  private static ClientAuth auth(String text) {
    return ClientAuth.valueOf(text.strip().toUpperCase(Locale.ROOT));
  }
}
