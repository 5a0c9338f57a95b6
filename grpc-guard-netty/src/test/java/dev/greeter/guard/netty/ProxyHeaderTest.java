package dev.greeter.guard.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Strings;
import com.google.common.primitives.Bytes;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which PROXY protocol headers are accepted, and that others close the connection. */
class ProxyHeaderTest {

  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
  private static final String TCP4 = "cb007107c000020112671f90";
  private static final String TCP6 =
      "20010db800000000000000000000000720010db800000000000000000000000112671f90";
  private static final byte[] REST = "PRI * HTTP/2.0\r\n".getBytes(ISO_8859_1);

  private final List<InetSocketAddress> clients = new ArrayList<>();
  private boolean admitted = true;
  private EmbeddedChannel connection = connect();

  private EmbeddedChannel connect() {
    return new EmbeddedChannel(
        new ProxyHeader(
            client -> {
              clients.add(client);
              return admitted;
            }));
  }

  @ParameterizedTest
  @CsvSource({
    "PROXY TCP4 203.0.113.7 192.0.2.1 4711 8080, /203.0.113.7:4711",
    "PROXY TCP6 2001:db8::7 2001:db8::1 65535 0, /[2001:db8:0:0:0:0:0:7]:65535",
    "PROXY TCP6 ::ffff:203.0.113.7 ::1 4711 1, /203.0.113.7:4711",
    "PROXY UNKNOWN, ",
    "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535, ",
  })
  void readsTextHeaders(String line, @Nullable String client) {
    assertTaken((line + "\r\n").getBytes(ISO_8859_1), client);
  }

  @ParameterizedTest
  @CsvSource({
    "2111 000c " + TCP4 + ", /203.0.113.7:4711",
    "2121 0024 " + TCP6 + ", /[2001:db8:0:0:0:0:0:7]:4711",
    "2111 0013 " + TCP4 + "04000401020304, /203.0.113.7:4711",
    "2100 0000, ",
    "2000 0000, ",
    "2011 000c " + TCP4 + ", ",
    "2000 0003 040000, ",
  })
  void readsBinaryHeaders(String header, @Nullable String client) {
    assertTaken(binary(header), client);
  }

  @Test
  void limitsHeaderLength() {
    String line = Strings.padEnd("PROXY UNKNOWN ", 105, 'x');
    assertTaken((line + "\r\n").getBytes(ISO_8859_1), null);
    assertRefused((line + "x\r\n").getBytes(ISO_8859_1));
    assertTaken(binary("2111 0208 " + TCP4 + "00".repeat(508)), "/203.0.113.7:4711");
    assertRefused(binary("2111 0209"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRI * HTTP/2.0\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 4711 8080\n",
        "proxy TCP4 203.0.113.7 192.0.2.1 4711 8080\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 4711\r\n",
        "PROXY TCP4  203.0.113.7 192.0.2.1 4711 8080\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 65536 8080\r\n",
        "PROXY TCP4 203.0.113 192.0.2.1 4711 8080\r\n",
        "PROXY TCP4 localhost 192.0.2.1 4711 8080\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 4711 8080\r\n",
        "PROXY UDP4 203.0.113.7 192.0.2.1 4711 8080\r\n",
        "PROXY UNKNOWNED\r\n",
        " PROXY UNKNOWN\r\n",
        "\r\n\r\n",
        "\u0016\u0003\u0001\n",
      })
  void rejectsInvalidTextHeaders(String line) {
    assertRefused(line.getBytes(ISO_8859_1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1111 000c " + TCP4,
        "2211 000c " + TCP4,
        "2112 000c " + TCP4,
        "2131 000c " + TCP4,
        "2111 000b cb007107c000020112671f",
        "2121 000c " + TCP4,
        "2111 ffff " + TCP4,
      })
  void rejectsInvalidBinaryHeaders(String header) {
    assertRefused(binary(header));
  }

  /** Data after the header is the client's, even a second header. */
  @Test
  void readsOnlyOneHeaderOfRefusedClient() {
    admitted = false;
    assertRefused("PROXY TCP4 203.0.113.7 192.0.2.1 1 2\r\n".repeat(2).getBytes(ISO_8859_1));
    assertThat(clients).hasSize(1);
  }

  /** For any input, only data after a header is passed on. */
  @Property
  void forwardsNothingBeforeCompleteHeader(Input input) {
    byte[] sent =
        input.below(2) == 0
            ? input
                .text("PROXY ", "TCP4 ", "UNKNOWN", "\r\n", "1.2.3.4 ", "::1 ")
                .getBytes(ISO_8859_1)
            : Bytes.concat(binary(input.pick("2111000c", "2121", "20", "21")), input.bytes());
    connection = connect();
    connection.writeInbound(Unpooled.wrappedBuffer(sent), Unpooled.wrappedBuffer(REST));
    boolean waiting = connection.pipeline().get(ProxyHeader.class) != null;
    assertThat(waiting && !received().isEmpty()).isFalse();
    assertThat(connection.isOpen() || received().isEmpty()).isTrue();
    connection.finishAndReleaseAll();
  }

  /** In one piece and byte by byte. */
  private void assertTaken(byte[] header, @Nullable String client) {
    for (int size : List.of(header.length + REST.length, 1)) {
      clients.clear();
      connection = connect();
      byte[] all = Bytes.concat(header, REST);
      var received = new StringBuilder();
      for (int i = 0; i < all.length; i += size) {
        connection.writeInbound(Unpooled.copiedBuffer(all, i, size));
        received.append(received());
      }
      assertThat(received).hasToString(new String(REST, ISO_8859_1));
      assertThat(clients).hasToString(client == null ? "[]" : "[" + client + "]");
      assertThat(connection.pipeline().get(ProxyHeader.class)).isNull();
      assertThat(connection.isOpen()).isTrue();
      connection.finishAndReleaseAll();
    }
  }

  private void assertRefused(byte[] header) {
    connection = connect();
    connection.writeInbound(Unpooled.wrappedBuffer(header, REST));
    assertThat(connection.isOpen()).isFalse();
    assertThat(received()).isEmpty();
    connection.finishAndReleaseAll();
  }

  private String received() {
    var all = new StringBuilder();
    for (ByteBuf read = connection.readInbound(); read != null; read = connection.readInbound()) {
      all.append(read.toString(ISO_8859_1));
      read.release();
    }
    return all.toString();
  }

  private static byte[] binary(String hex) {
    return HexFormat.of().parseHex((SIGNATURE + hex).replace(" ", ""));
  }
}
