package dev.greeter.lab.fuzz;

import static dev.greeter.lab.Http2Frames.integer;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.greeter.lab.SecretsFile;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Header blocks (RFC 7541) of calls that are valid, nearly valid or invalid. */
final class Headers {

  /** An accepted secret, which must not be shown; well-behaved clients use another one. */
  static final String SECRET = "marker-of-the-secret";

  /** The secret of a client that is revoked between sessions and restored later. */
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

  /** Names and values, some of them invalid in gRPC or in HTTP. */
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

  static Map<String, String> accepted(SecretsFile clients) {
    return Map.of(
        "GREETER_AUTH_PREVIOUS_VALUE",
        SECRET,
        "GREETER_AUTH_CLIENTS_FILE",
        clients.path().toString(),
        "GRPC_SERVER_ADDRESS",
        "*");
  }

  static byte[] block(SeededRandom random) {
    List<String[]> fields = fields(random);
    if (random.one(2)) {
      String almost = SECRET.substring(random.below(SECRET.length()));
      String secret = random.of(SECRET, REVOKED);
      add(random, fields, "authorization", random.oneOf(4, secret, almost, "", SECRET + SECRET));
    }
    return block(random, fields);
  }

  static byte[] withoutSecret(SeededRandom random) {
    List<String[]> fields = fields(random);
    String odd = random.of(":path", ":method", "content-type", "");
    String value = "x".repeat(random.oneOf(2, 7_400, 3_800, 300, 1));
    fields.replaceAll(field -> field[0].equals(odd) ? new String[] {odd, value} : field);
    return block(random, fields);
  }

  static byte[] trailers(SeededRandom random) {
    return block(random, more(random));
  }

  private static byte[] block(SeededRandom random, List<String[]> fields) {
    var bytes = new ByteArrayOutputStream();
    if (random.one(12)) {
      quirk(random, bytes);
    }
    for (String[] field : fields) {
      field(random, bytes, field[0], field[1]);
      if (random.one(120)) {
        quirk(random, bytes);
      }
    }
    return bytes.toByteArray();
  }

  private static List<String[]> fields(SeededRandom random) {
    List<String[]> fields = new ArrayList<>();
    String method = random.oneOf(12, "POST", "GET", "PUT", "OPTIONS", "CONNECT", "");
    add(random, fields, ":method", method);
    add(random, fields, ":scheme", random.oneOf(12, "http", "https", "x", ""));
    add(random, fields, ":path", random.oneOf(25, "/" + random.of(METHODS), "*", "", "x"));
    add(random, fields, ":authority", random.oneOf(12, "localhost", "", "a,b", "\u0000", "[::1"));
    add(random, fields, "content-type", random.oneOf(20, "application/grpc", "", "text/plain"));
    add(random, fields, "te", "trailers");
    fields.addAll(more(random));
    if (random.one(15)) {
      fields.add(fields.remove(0));
    }
    return fields;
  }

  private static List<String[]> more(SeededRandom random) {
    List<String[]> fields = new ArrayList<>();
    for (int i = random.below(4); i > 0; i--) {
      String[] more = MORE[random.below(MORE.length)];
      add(random, fields, more[0], more[1 + random.below(more.length - 1)]);
    }
    return fields;
  }

  private static void add(SeededRandom random, List<String[]> fields, String name, String value) {
    for (int times = random.oneOf(40, 1, 0, 2); times > 0; times--) {
      fields.add(new String[] {name, value});
    }
  }

  private static void field(
      SeededRandom random, ByteArrayOutputStream out, String name, String value) {
    out.write(random.oneOf(3, 0x00, 0x40, 0x10));
    string(random, out, name);
    string(random, out, value);
  }

  private static void string(SeededRandom random, ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    int length = random.one(400) ? random.below(20_000) : bytes.length;
    // The bit announces Huffman code, which does not follow.
    integer(out, random.one(200) ? 0x80 : 0, 7, length);
    out.writeBytes(bytes);
  }

  /** HPACK's other representations: indices, possibly invalid, and table sizes. */
  private static void quirk(SeededRandom random, ByteArrayOutputStream out) {
    switch (random.below(5)) {
      case 0 -> integer(out, 0x80, 7, random.below(70));
      case 1 -> integer(out, 0x80, 7, random.below(100_000));
      case 2 -> integer(out, 0x20, 5, random.oneOf(2, 0, 4_096, 1 << 20));
      case 3 -> out.writeBytes(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
      default -> out.writeBytes(random.bytes(1 + random.below(20)));
    }
  }
}
