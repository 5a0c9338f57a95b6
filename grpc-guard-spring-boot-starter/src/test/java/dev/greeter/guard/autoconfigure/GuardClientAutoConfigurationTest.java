package dev.greeter.guard.autoconfigure;

import static dev.greeter.guard.fixture.OtherConnection.over;
import static io.grpc.MethodDescriptor.MethodType.UNARY;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.InvalidSettingException;
import dev.greeter.guard.Secrets;
import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.SecretFile;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status.Code;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.grpc.client.GlobalClientInterceptor;
import org.springframework.grpc.client.InProcessGrpcChannelFactory;

/** Tests what channels send, and over which connections. */
class GuardClientAutoConfigurationTest {

  private static final String SECRET = "marker-secret-that-is-long-enough";
  private static final SecretFile SECRET_FILE = new SecretFile(SECRET + "\n");

  private final CallRecorder received = new CallRecorder();

  @AutoClose private final InProcessGrpc grpc = new InProcessGrpc(TextService.echo(), received);

  private final ApplicationContextRunner unset =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  GuardClientAutoConfiguration.class,
                  GrpcClientAutoConfiguration.class,
                  SslAutoConfiguration.class));

  private final ApplicationContextRunner client =
      unset.withPropertyValues("grpc.guard.client.secret-file=" + SECRET_FILE.path());

  @Test
  void sendsSecretOverChannels() {
    client.run(
        context -> {
          var channels = context.getBean(InProcessGrpcChannelFactory.class);
          String name = grpc.server().getListenSockets().get(0).toString();
          var channel = channels.createChannel("in-process:" + name);
          assertThat(send(channel)).isEqualTo(Code.OK);
          assertThat(received.headers().get(0).get(key("authorization"))).isEqualTo(SECRET);
        });
  }

  @ParameterizedTest
  @CsvSource({
    "header=x-secret, PRIVACY_AND_INTEGRITY, x-secret, OK",
    "allow-plaintext=true, NONE, authorization, OK",
    "allow-plaintext=false, NONE, authorization, UNAUTHENTICATED",
  })
  void appliesHeaderAndPlaintextProperties(
      String property, SecurityLevel level, String header, Code code) {
    client
        .withPropertyValues("grpc.guard.client." + property)
        .run(
            context -> {
              var ofGuard = context.getBean(ClientInterceptor.class);
              var connection = toAnotherMachine(level);
              var channel =
                  ClientInterceptors.interceptForward(grpc.channel(), ofGuard, connection);
              assertThat(send(channel)).isEqualTo(code);
              assertThat(received.headers())
                  .extracting(sent -> sent.get(key(header)))
                  .isEqualTo(code == Code.OK ? List.of(SECRET) : List.of());
            });
  }

  @ParameterizedTest
  @CsvSource({
    "header, grpc-x, 'is a name that gRPC or tracing uses.'",
    "secret-file, '', ''",
    "secret-file, /nowhere, ''",
  })
  void namesInvalidProperty(String property, String value, String problem) {
    client
        .withPropertyValues("grpc.guard.client." + property + "=" + value)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith("grpc.guard.client." + property + " (environment")
                    .hasMessageEndingWith(problem));
  }

  @Test
  void rejectsDigest() {
    var digest = new SecretFile("sha256:" + "0".repeat(64) + "\n");
    unset
        .withPropertyValues("grpc.guard.client.secret-file=" + digest.path())
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageStartingWith("grpc.guard.client.secret-file ")
                    .hasMessageEndingWith("names a file with a digest, which cannot be sent."));
  }

  @Test
  void exposesNoSecretsBean() {
    client
        .withBean(Asking.class)
        .run(context -> assertThat(context.getBean(Asking.class).secrets()).isEmpty());
  }

  @Test
  void backsOffWithoutPropertyOrGrpcClient() {
    unset.run(context -> assertThat(context).doesNotHaveBean(ClientInterceptor.class));
    client
        .withClassLoader(new FilteredClassLoader(GlobalClientInterceptor.class))
        .run(context -> assertThat(context).doesNotHaveBean(ClientInterceptor.class));
  }

  private static Metadata.Key<String> key(String header) {
    return Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static Code send(Channel channel) {
    return TestCall.send(channel, TextService.method(UNARY), new Metadata(), "Ada").code();
  }

  /** Shows the credentials of a call a connection to another machine. */
  private static ClientInterceptor toAnotherMachine(SecurityLevel level) {
    return new ClientInterceptor() {
      @Override
      public <Q, R> ClientCall<Q, R> interceptCall(
          MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        var credentials = over(requireNonNull(options.getCredentials()), level, "192.0.2.1");
        return next.newCall(method, options.withCallCredentials(credentials));
      }
    };
  }

  /** A bean that would accept any secrets. */
  record Asking(Optional<Secrets> secrets) {}
}
