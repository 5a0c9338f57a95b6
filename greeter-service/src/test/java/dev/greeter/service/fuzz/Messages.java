package dev.greeter.service.fuzz;

import static dev.greeter.service.attack.Http2Peer.message;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.api.GreetingRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** Messages of gRPC, whole and not, of protobuf and not. */
final class Messages {

  private static final String[] NAMES = {
    "Ada", "", "Zo\u00eb \ud83d\udc4b", "x".repeat(1_200), "x".repeat(9_000), "\u0000\r\n\u001b[2J"
  };

  private Messages() {}

  /** Encodes one or several. */
  static byte[] some(Chance chance) {
    var bytes = new ByteArrayOutputStream();
    for (int i = chance.oneOf(6, 1, 2, 5, 50); i > 0; i--) {
      bytes.writeBytes(one(chance));
    }
    return bytes.toByteArray();
  }

  private static byte[] one(Chance chance) {
    byte[] content =
        switch (chance.below(12)) {
          case 0 -> chance.bytes(chance.below(40));
          case 1 -> new byte[0];
          // A length that goes on behind the end, text that is no UTF-8, groups in groups.
          case 2 -> new byte[] {10, 127, 65};
          case 3 -> new byte[] {10, 2, -1, -2};
          case 4 -> "\u000b".repeat(500).getBytes(UTF_8);
          default -> GreetingRequest.newBuilder().setName(chance.of(NAMES)).build().toByteArray();
        };
    boolean compressed = chance.one(8);
    byte[] sent = compressed && !chance.one(4) ? gzip(content) : content;
    int length = chance.one(25) ? chance.any() >>> chance.below(32) : sent.length;
    byte[] message = message(compressed, length, sent);
    if (chance.one(60)) {
      message[0] = (byte) chance.any();
    }
    return message;
  }

  private static byte[] gzip(byte[] content) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
