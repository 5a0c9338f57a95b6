package dev.greeter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.cli.console.StandardStreams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** The whole client, but for its streams: runs once, in the process and the thread of the test. */
public final class TestClient {

  private final TestPropertyValues settings;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private InputStream in = InputStream.nullInputStream();
  private OutputStream sink = out;

  private TestClient(TestPropertyValues settings) {
    this.settings = settings;
  }

  /**
   * How a run ended.
   *
   * @param exitCode what the process would end with
   * @param out what was written to standard output
   * @param err what was written to standard error
   */
  public record Result(int exitCode, String out, String err) {}

  /** Creates a client of the server at an address, with more settings if there are any. */
  public static TestClient of(String server, String... settings) {
    return new TestClient(
        TestPropertyValues.of("greeter.server=" + server, "greeter.auth.value=marker-secret")
            .and(settings));
  }

  /** Creates a client that finds no server. */
  public static TestClient alone() {
    return of("127.0.0.1:1");
  }

  /** Puts a text on standard input. */
  public TestClient reading(String input) {
    return reading(new ByteArrayInputStream(input.getBytes(UTF_8)));
  }

  /** Takes standard input from a stream. */
  public TestClient reading(InputStream input) {
    in = input;
    return this;
  }

  /** Sends standard output to a stream; {@link #out} then stays empty. */
  public TestClient writing(OutputStream output) {
    sink = output;
    return this;
  }

  /** Runs the client to its end. */
  public Result run(String... arguments) {
    return new Result(SpringApplication.exit(start(arguments)), out(), err());
  }

  /** Runs the client, and leaves what it is made of for a look. */
  public ApplicationContext start(String... arguments) {
    return new SpringApplicationBuilder(GreeterCliApplication.class)
        .addCommandLineProperties(false)
        .registerShutdownHook(false)
        .initializers(this::connect)
        .run(arguments);
  }

  /** Returns what has been written to standard output until now. */
  public String out() {
    return out.toString(UTF_8);
  }

  /** Returns what has been written to standard error until now. */
  public String err() {
    return err.toString(UTF_8);
  }

  private void connect(ConfigurableApplicationContext context) {
    settings.applyTo(context);
    ((GenericApplicationContext) context)
        .registerBean(
            "testStreams",
            StandardStreams.class,
            () -> StandardStreams.of(in, sink, err),
            definition -> definition.setPrimary(true));
  }
}
