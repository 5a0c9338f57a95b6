package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.InetAddresses;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import dev.greeter.guard.fixture.TestCall;
import io.grpc.Metadata;
import io.grpc.inprocess.InProcessSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which proxies are trusted, and which client address results. */
class TrustedProxiesTest {

  private final TrustedProxies proxies =
      TrustedProxies.of("any", List.of("10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48"));

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0, true",
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.0.0.0/8, ::10.0.0.1, false",
    "128.0.0.0/1, 255.0.0.0, true",
    "128.0.0.0/1, 127.255.255.255, false",
    "192.0.2.130/31, 192.0.2.131, true",
    "192.0.2.130/31, 192.0.2.132, false",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1/32, 192.0.2.2, false",
    "192.0.2.1, ::ffff:192.0.2.1, true",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::1, ::1, true",
    "::1/128, 0.0.0.1, false",
    "0.0.0.0/8, 0.0.0.1, true",
  })
  void matchesAddressesOfNetwork(String network, String address, boolean trusted) {
    var one = TrustedProxies.of("any", List.of(network));
    assertThat(one.contains(at(address))).isEqualTo(trusted);
  }

  @Test
  void trustsOnlyConfiguredIpAddresses() {
    assertThat(TrustedProxies.of("any", List.of()).contains(at("10.0.0.1"))).isFalse();
    assertThat(proxies.contains(null)).isFalse();
    assertThat(proxies.contains(new InProcessSocketAddress("10.0.0.1"))).isFalse();
    assertThat(proxies.contains(InetSocketAddress.createUnresolved("10.0.0.1", 1))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "marker",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/33",
        "10.0.0.0/8/8",
        "10.0.0/8",
        "10.0.0.1/8",
        "10.0.0.0 /8",
        "10.0.0.0/99999999999",
        "::/129",
        "2001:db8::1/32",
        "/8",
        "0.0.0.0/0",
        "::/0",
        "localhost",
        "10.0.0.0/+8x"
      })
  void reportsInvalidNetworkByPosition(String cidr) {
    assertThatThrownBy(() -> TrustedProxies.of("a.b", List.of("10.0.0.0/8", cidr, "marker")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("a.b (environment variable A_B) has an entry that is not a network: number 2.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.1 | 203.0.113.7 | 203.0.113.7 | of the only one",
        "10.0.0.1 | 198.51.100.9, 203.0.113.7 | 203.0.113.7 | the last, not what the client says",
        "10.0.0.1 | 198.51.100.9;203.0.113.7 | 203.0.113.7 | of several headers",
        "10.0.0.1 | 198.51.100.9;203.0.113.7,10.2.2.2 | 203.0.113.7 | behind a second proxy",
        "10.0.0.1 | 203.0.113.7 , 10.2.2.2,192.0.2.1 | 203.0.113.7 | behind a third",
        "10.0.0.1 | 10.3.3.3, 10.2.2.2 | 10.3.3.3 | a proxy's own call",
        "10.0.0.1 | marker, 203.0.113.7 | 203.0.113.7 | whatever stands in front of it",
        "10.0.0.1 | 203.0.113.7, marker | 10.0.0.1 | not what is in front of something else",
        "10.0.0.1 | 203.0.113.7, | 10.0.0.1 | nor of nothing",
        "10.0.0.1 | 203.0.113.7, marker, 10.2.2.2 | 10.0.0.1 | nor with a proxy behind it",
        "10.0.0.1 | '' | 10.0.0.1 | an empty one",
        "10.0.0.1 | , | 10.0.0.1 | and two",
        "10.0.0.1 | unknown | 10.0.0.1 | RFC 7239 has that",
        "10.0.0.1 | 203.0.113.7:4711 | 203.0.113.7 | with a port",
        "10.0.0.1 | 2001:db8::7 | 2001:db8:0:0:0:0:0:7 | of IPv6",
        "10.0.0.1 | [2001:db8::7]:4711 | 2001:db8:0:0:0:0:0:7 | with a port",
        "10.0.0.1 | ::ffff:203.0.113.7 | 203.0.113.7 | mapped",
        "2001:db8:1::1 | 203.0.113.7, 2001:db8:1:2::3 | 203.0.113.7 | over IPv6",
      })
  void resolvesClientFromForwardedFor(String from, String values, String client, String reason) {
    var headers = new Metadata();
    for (String value : values.split(";")) {
      headers.merge(TestCall.headers("X-Forwarded-For", value));
    }
    assertThat(hostOf(proxies.clientOf(at(from), headers))).as(reason).isEqualTo(client);
  }

  @Test
  void usesProxyAddressWithoutForwardedFor() {
    var proxy = at("10.0.0.1");
    assertThat(proxies.clientOf(proxy, new Metadata())).isSameAs(proxy);
  }

  /** Whatever a client sends, its proxy appends the client's address. */
  @Property
  void ignoresAddressesForgedByClient(Input input) {
    String sent = input.text("10.0.0.1", "203.0.113.9", ",", ", ", ":", "[", "]", "::1", "%", "/8");
    var headers = TestCall.headers("x-forwarded-for", sent.replaceAll("[^ -~]", "?"));
    headers.merge(TestCall.headers("x-forwarded-for", "203.0.113.7"));
    assertThat(hostOf(proxies.clientOf(at("10.0.0.1"), headers))).isEqualTo("203.0.113.7");
  }

  private static SocketAddress at(String address) {
    return new InetSocketAddress(InetAddresses.forString(address), 1234);
  }

  private static String hostOf(SocketAddress address) {
    return ((InetSocketAddress) address).getAddress().getHostAddress();
  }
}
