package dev.greeter.guard;

import static dev.greeter.guard.fixture.OtherConnection.over;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.guard.fixture.CallRecorder;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.TestCall;
import dev.greeter.guard.fixture.TextService;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import io.grpc.Status.Code;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which connections carry the secret, and how calls fail on others. */
class SecretCredentialsTest {

  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");

  private final CallRecorder received = new CallRecorder();
  private final SecretCredentials credentials =
      SecretCredentials.of(Secrets.of("marker-secret", "marker-old"));

  @AutoClose private final InProcessGrpc grpc = new InProcessGrpc(TextService.echo(), received);

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void sendsCurrentSecretWithEachCall(MethodType kind) {
    var headers = new Metadata();
    headers.put(key("x-other"), "kept");
    TestCall.send(channel(credentials), TextService.method(kind), headers, "Ada").status();

    assertThat(received().getAll(AUTHORIZATION)).containsExactly("marker-secret");
    assertThat(received().get(key("x-other"))).isEqualTo("kept");
  }

  @Test
  void sendsSecretAlongsideCallCredentials() {
    var ofCall = SecretCredentials.of(Secrets.of("of the call")).withHeader("x-call");
    call(channel(credentials), ofCall);

    assertThat(received().get(key("x-call"))).isEqualTo("of the call");
    assertThat(received().get(AUTHORIZATION)).isEqualTo("marker-secret");
  }

  @ParameterizedTest
  @CsvSource({
    "NONE, 127.0.0.1",
    "NONE, ::1",
    "PRIVACY_AND_INTEGRITY, 192.0.2.1",
    "PRIVACY_AND_INTEGRITY, ",
  })
  void sendsSecretOverLoopbackAndEncryptedConnections(SecurityLevel level, @Nullable String host) {
    assertThat(call(grpc.channel(), over(credentials, level, host))).isEqualTo(Status.OK);
    assertThat(received().get(AUTHORIZATION)).isEqualTo("marker-secret");
  }

  @ParameterizedTest
  @CsvSource({
    "NONE, 192.0.2.1",
    "NONE, 0.0.0.0",
    "NONE, 2001:db8::1",
    "NONE, ",
    "NONE, localhost",
    "INTEGRITY, 192.0.2.1",
  })
  void failsCallOverUnencryptedConnection(SecurityLevel level, @Nullable String host) {
    Status status = call(grpc.channel(), over(credentials, level, host));
    assertThat(status.getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(status.getDescription()).contains("is not encrypted").doesNotContain("marker");
    assertThat(status.getCause()).isInstanceOf(SecurityException.class);
    assertThat(received.events()).isEmpty();
  }

  /** A local proxy has a loopback address, too. */
  @ParameterizedTest
  @CsvSource({
    "localhost:1, OK",
    "greeter.localhost, OK",
    "127.0.0.2:1, OK",
    "[::1]:1, OK",
    "api.example.com:80, UNAUTHENTICATED",
    "localhost.example.com, UNAUTHENTICATED",
    "notlocalhost, UNAUTHENTICATED",
    "192.0.2.1:1, UNAUTHENTICATED",
    "not_a_host, UNAUTHENTICATED",
  })
  void sendsSecretInPlaintextOnlyToLocalAuthority(String authority, Code expected) {
    var loopback = over(credentials, SecurityLevel.NONE, "127.0.0.1");
    var options = CallOptions.DEFAULT.withCallCredentials(loopback).withAuthority(authority);
    assertThat(call(grpc.channel(), options).getCode()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorization", "x-secret"})
  void sendsSecretInPlaintextIfAllowed(String header) {
    var allowed = credentials.allowPlaintext().withHeader(header);
    call(grpc.channel(), over(allowed, SecurityLevel.NONE, "192.0.2.1"));

    assertThat(received().get(key(header))).isEqualTo("marker-secret");
  }

  @Test
  void rejectsInvalidHeaderAndDigest() {
    assertThatThrownBy(() -> credentials.withHeader("x-bin"))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("header ends in -bin, which is reserved for binary values.");
    var digest = Secrets.of("sha256:" + "0".repeat(64));
    assertThatThrownBy(() -> SecretCredentials.of(digest))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Metadata received() {
    assertThat(received.headers()).hasSize(1);
    return received.headers().get(0);
  }

  private Channel channel(SecretCredentials credentials) {
    return ClientInterceptors.intercept(grpc.channel(), credentials.interceptor());
  }

  private static Status call(Channel channel, CallCredentials credentials) {
    return call(channel, CallOptions.DEFAULT.withCallCredentials(credentials));
  }

  private static Status call(Channel channel, CallOptions options) {
    var method = TextService.method(MethodType.UNARY);
    return TestCall.open(channel, method, options, new Metadata())
        .take(1)
        .send("Ada")
        .halfClose()
        .status();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
