package dev.greeter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.springframework.core.env.StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

import dev.greeter.cli.console.Input;
import dev.greeter.cli.console.StandardStreams;
import dev.greeter.cli.console.Utf8LineReader;
import io.grpc.Context;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The complete client in the test's process, with its own streams and environment variables. */
public final class TestClient {

  private final Map<String, Object> variables = new HashMap<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private InputStream in = InputStream.nullInputStream();
  private OutputStream sink = out;
  private @Nullable Input keyboard;
  private Consumer<ApplicationContext> look = c -> {};
  private final PipedOutputStream pipe = new PipedOutputStream();
  private final Context.CancellableContext context = Context.ROOT.withCancellation();
  private FutureTask<Result> run = new FutureTask<>(this::run);

  private TestClient() {}

  /** The exit code, standard output and standard error of a run. */
  public record Result(int exitCode, String out, String err) {}

  /** Creates a client whose variables name a server and a secret. */
  public static TestClient of(String server) {
    return new TestClient()
        .variable("GREETER_SERVER", server)
        .variable("GREETER_AUTH_VALUE", "marker-secret");
  }

  /** Creates a client that finds no server. */
  public static TestClient alone() {
    return of("127.0.0.1:1");
  }

  /** Sets an environment variable; null removes it. */
  public TestClient variable(String name, @Nullable String value) {
    variables.compute(name, (key, before) -> value);
    return this;
  }

  /** Provides text on standard input. */
  public TestClient reading(String input) {
    return reading(new ByteArrayInputStream(input.getBytes(UTF_8)));
  }

  /** Reads standard input from a stream. */
  public TestClient reading(InputStream input) {
    in = input;
    return this;
  }

  /** Sends standard output to a stream; {@link #out} then stays empty. */
  public TestClient writing(OutputStream output) {
    sink = output;
    return this;
  }

  /** Provides the lines that a person types. */
  public TestClient typing(String lines) {
    keyboard = new Utf8LineReader(new ByteArrayInputStream(lines.getBytes(UTF_8)), true);
    return this;
  }

  /** Passes the context to an observer before the command runs. */
  public TestClient looking(Consumer<ApplicationContext> observer) {
    look = observer;
    return this;
  }

  /** Runs the client until it exits. */
  public Result run(String... arguments) {
    var properties = (Properties) System.getProperties().clone();
    PrintStream usualErr = System.err;
    InputStream usualIn = System.in;
    Thread client = Thread.currentThread();
    var ofThisThread =
        new FilterOutputStream(err) {
          @Override
          public void write(int b) throws IOException {
            // Other threads log about servers and channels of earlier tests.
            if (Thread.currentThread() == client) {
              super.write(b);
            }
          }
        };
    System.setErr(new PrintStream(ofThisThread, true, UTF_8));
    System.setIn(in);
    try {
      int exitCode =
          SpringApplication.withHook(this::prepare, () -> GreeterCliApplication.run(arguments));
      return new Result(exitCode, out(), err());
    } finally {
      System.setErr(usualErr);
      System.setIn(usualIn);
      System.setProperties(properties);
    }
  }

  /** Returns the standard output so far. */
  public String out() {
    return out.toString(UTF_8);
  }

  /** Returns the standard error so far. */
  public String err() {
    return err.toString(UTF_8);
  }

  /** Runs the client in the background, with a pipe for standard input. */
  public TestClient start(String... arguments) throws IOException {
    in = new PipedInputStream(pipe);
    run = new FutureTask<>(context.wrap(() -> run(arguments)));
    new Thread(run, "client").start();
    return this;
  }

  /** Sends a line through the pipe. */
  public void send(String line) throws IOException {
    pipe.write((line + "\n").getBytes(UTF_8));
    pipe.flush();
  }

  /** Waits until the client writes a text to one of its streams. */
  public void await(String text) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> (out() + err()).contains(text));
  }

  /** Cancels the commands, like Ctrl-C in the shell. */
  public void cancel() {
    context.cancel(null);
  }

  /** Closes the pipe and waits until the client exits. */
  public Result end() throws Exception {
    pipe.close();
    return run.get(30, TimeUnit.SECONDS);
  }

  private SpringApplicationRunListener prepare(SpringApplication application) {
    var environment = new StandardEnvironment();
    String name = SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    environment
        .getPropertySources()
        .replace(name, new SystemEnvironmentPropertySource(name, variables));
    application.setEnvironment(environment);
    return new SpringApplicationRunListener() {
      @Override
      public void contextPrepared(ConfigurableApplicationContext context) {
        replace(context, StandardStreams.class, new StandardStreams(in, sink, err));
        if (keyboard != null) {
          replace(context, Input.class, keyboard);
        }
      }

      @Override
      public void started(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
        look.accept(context);
      }
    };
  }

  private static <T> void replace(ApplicationContext context, Class<T> type, T bean) {
    ((GenericApplicationContext) context)
        .registerBean("test" + type, type, () -> bean, definition -> definition.setPrimary(true));
  }
}
