package dev.greeter.service.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Header blocks (RFC 7541) of calls that are right, nearly right and not at all. */
final class Headers {

  /** What the service accepts, and must not show; the well-behaved clients have another. */
  static final String SECRET = "marker-of-the-secret";

  /** The secret of a client that is revoked between the sessions, and restored later. */
  static final String REVOKED = "marker-of-a-secret-that-is-revoked";

  private static final String[] METHODS = {
    "tutorial.Greeter/Greet",
    "tutorial.Greeter/Greet",
    "tutorial.Greeter/Chat",
    "tutorial.Greeter/Chat",
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/Watch",
    "grpc.health.v1.Health/List",
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    "tutorial.Greeter/Unknown",
    "tutorial.Greeter",
    "/",
    "",
    "x/" + "y".repeat(3_000),
    "a/b/c?d=%00#\u00e9"
  };

  /** Names and values, of which some are no gRPC, and some no HTTP. */
  private static final String[][] MORE = {
    {"grpc-timeout", "1S", "100m", "0n", "99999999H", "999999999S", "-1S", "S", "", "1x", "5M"},
    {"grpc-encoding", "identity", "gzip", "deflate", "", "gzip,gzip"},
    {"grpc-accept-encoding", "gzip", "identity,gzip,br", ",,,"},
    {"content-type", "application/grpc", "application/grpc+json", "text/html", "", "application/"},
    {"te", "trailers", "gzip", ""},
    {"user-agent", "fuzz/1 (\u00ff)", "", "x"},
    {"traceparent", "00-" + "1".repeat(32) + "-" + "2".repeat(16) + "-01", "00--", "ff-0-0-0"},
    {"tracestate", "a=b", "=,=,="},
    {"grpc-trace-bin", "AAA", "!", "AAAA,AAAA", ""},
    {"some-bin", "", "=", "AA==", "A", "\u0000"},
    {"connection", "close", "upgrade"},
    {"transfer-encoding", "chunked"},
    {"host", "elsewhere", ""},
    {"content-length", "0", "5", "99999999999", "-1", "x"},
    {"cookie", "a=b", "a=b; c=d"},
    {"Upper-Case", "x"},
    {"", "x"},
    {"bad name", "x"},
    {"bad-value", "a\r\nb: c", "\u0000", "\u00ff", " x "},
    {":unknown", "x"},
    {":status", "200"},
    {"grpc-status", "0", "99", "x"},
    {"grpc-previous-rpc-attempts", "1", "x"},
    {"x-large", "x".repeat(4_000), "x".repeat(9_000), "x".repeat(14_000)},
  };

  private Headers() {}

  /** Returns the settings of a service that accepts both, and can be reached at all addresses. */
  static Map<String, String> accepted(Path clients) {
    return Map.of(
        "GREETER_AUTH_PREVIOUS_VALUE",
        SECRET,
        "GREETER_AUTH_CLIENTS_FILE",
        clients.toString(),
        "GRPC_SERVER_ADDRESS",
        "*");
  }

  /** Encodes a block. */
  static byte[] block(Chance chance) {
    List<String[]> fields = fields(chance);
    if (chance.one(2)) {
      String almost = SECRET.substring(chance.below(SECRET.length()));
      String secret = chance.of(SECRET, REVOKED);
      add(chance, fields, "authorization", chance.oneOf(4, secret, almost, "", SECRET + SECRET));
    }
    return block(chance, fields);
  }

  /** Encodes a block without a secret, most often of what is not a gRPC call. */
  static byte[] withoutSecret(Chance chance) {
    List<String[]> fields = fields(chance);
    String odd = chance.of(":path", ":method", "content-type", "");
    String value = "x".repeat(chance.oneOf(2, 7_400, 3_800, 300, 1));
    fields.replaceAll(field -> field[0].equals(odd) ? new String[] {odd, value} : field);
    return block(chance, fields);
  }

  /** Encodes a block that begins with no pseudo-header, as trailers do. */
  static byte[] trailers(Chance chance) {
    return block(chance, more(chance));
  }

  private static byte[] block(Chance chance, List<String[]> fields) {
    var bytes = new ByteArrayOutputStream();
    if (chance.one(12)) {
      quirk(chance, bytes);
    }
    for (String[] field : fields) {
      field(chance, bytes, field[0], field[1]);
      if (chance.one(120)) {
        quirk(chance, bytes);
      }
    }
    return bytes.toByteArray();
  }

  private static List<String[]> fields(Chance chance) {
    List<String[]> fields = new ArrayList<>();
    add(
        chance,
        fields,
        ":method",
        chance.oneOf(12, "POST", "GET", "PUT", "OPTIONS", "CONNECT", ""));
    add(chance, fields, ":scheme", chance.oneOf(12, "http", "https", "x", ""));
    add(chance, fields, ":path", chance.oneOf(25, "/" + chance.of(METHODS), "*", "", "x"));
    add(chance, fields, ":authority", chance.oneOf(12, "localhost", "", "a,b", "\u0000", "[::1"));
    add(chance, fields, "content-type", chance.oneOf(20, "application/grpc", "", "text/plain"));
    add(chance, fields, "te", "trailers");
    fields.addAll(more(chance));
    if (chance.one(15)) {
      fields.add(fields.remove(0));
    }
    return fields;
  }

  private static List<String[]> more(Chance chance) {
    List<String[]> fields = new ArrayList<>();
    for (int i = chance.below(4); i > 0; i--) {
      String[] more = MORE[chance.below(MORE.length)];
      add(chance, fields, more[0], more[1 + chance.below(more.length - 1)]);
    }
    return fields;
  }

  /** Adds a field, now and then twice, or not at all. */
  private static void add(Chance chance, List<String[]> fields, String name, String value) {
    for (int times = chance.oneOf(40, 1, 0, 2); times > 0; times--) {
      fields.add(new String[] {name, value});
    }
  }

  /** A literal, indexed or not, of which the length may be a lie. */
  private static void field(Chance chance, ByteArrayOutputStream out, String name, String value) {
    out.write(chance.oneOf(3, 0x00, 0x40, 0x10));
    string(chance, out, name);
    string(chance, out, value);
  }

  private static void string(Chance chance, ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    int length = chance.one(400) ? chance.below(20_000) : bytes.length;
    // The bit says that Huffman's code follows, which it then does not.
    integer(out, chance.one(200) ? 0x80 : 0, 7, length);
    out.writeBytes(bytes);
  }

  /** What HPACK has beside literals: indices, of nothing at times, and sizes of the table. */
  private static void quirk(Chance chance, ByteArrayOutputStream out) {
    switch (chance.below(5)) {
      case 0 -> integer(out, 0x80, 7, chance.below(70));
      case 1 -> integer(out, 0x80, 7, chance.below(100_000));
      case 2 -> integer(out, 0x20, 5, chance.oneOf(2, 0, 4_096, 1 << 20));
      case 3 -> out.writeBytes(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
      default -> out.writeBytes(chance.bytes(1 + chance.below(20)));
    }
  }

  /** Encodes an integer (RFC 7541, 5.1). */
  private static void integer(ByteArrayOutputStream out, int first, int bits, int value) {
    int most = (1 << bits) - 1;
    if (value < most) {
      out.write(first | value);
      return;
    }
    out.write(first | most);
    int rest = value - most;
    for (; rest >= 128; rest >>= 7) {
      out.write(rest & 127 | 128);
    }
    out.write(rest);
  }
}
