package dev.greeter.lab.fuzz;

import static dev.greeter.lab.Http2Frames.gzip;
import static dev.greeter.lab.Http2Frames.message;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.greeter.api.GreetingRequest;
import java.io.ByteArrayOutputStream;

/** Complete and partial gRPC messages, with valid and invalid protobuf. */
final class Messages {

  private static final String[] NAMES = {
    "Ada", "", "Zo\u00eb \ud83d\udc4b", "x".repeat(1_200), "x".repeat(9_000), "\u0000\r\n\u001b[2J"
  };

  private Messages() {}

  static byte[] some(SeededRandom random) {
    var bytes = new ByteArrayOutputStream();
    for (int i = random.oneOf(6, 1, 2, 5, 50); i > 0; i--) {
      bytes.writeBytes(one(random));
    }
    return bytes.toByteArray();
  }

  private static byte[] one(SeededRandom random) {
    byte[] content =
        switch (random.below(12)) {
          case 0 -> random.bytes(random.below(40));
          case 1 -> new byte[0];
          // A length beyond the end, text that is not UTF-8, nested groups.
          case 2 -> new byte[] {10, 127, 65};
          case 3 -> new byte[] {10, 2, -1, -2};
          case 4 -> "\u000b".repeat(500).getBytes(UTF_8);
          default -> GreetingRequest.newBuilder().setName(random.of(NAMES)).build().toByteArray();
        };
    boolean compressed = random.one(8);
    byte[] sent = compressed && !random.one(4) ? gzip(content) : content;
    int length = random.one(25) ? random.any() >>> random.below(32) : sent.length;
    byte[] message = message(compressed, length, sent);
    if (random.one(60)) {
      message[0] = (byte) random.any();
    }
    return message;
  }
}
