package dev.greeter.lab.fuzz;

import static dev.greeter.lab.Http2Frames.*;
import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.primitives.Ints;
import dev.greeter.lab.Http2Frames;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The data of one connection: frames (RFC 9113) of all types, in valid and invalid order. */
final class Frames {

  private static final int PADDED = 8;
  private static final int WITH_PRIORITY = 0x20;

  /** Nearly the maximum number of calls on a connection. */
  private static final int CROWDED = 98;

  private final SeededRandom random;
  private final List<byte[]> sent = new ArrayList<>();
  private int nextStream = 1;

  private Frames(SeededRandom random) {
    this.random = random;
  }

  static List<byte[]> ofConnection(SeededRandom random) {
    var frames = new Frames(random);
    frames.begin();
    int count = random.oneOf(5, 1 + random.below(12), 0, 1, 60, 300);
    for (int i = 0; i < count; i++) {
      frames.next();
    }
    return frames.sent;
  }

  static List<byte[]> ofCrowd(SeededRandom random) {
    var frames = new Frames(random);
    frames.sent.add(PREFACE);
    frames.sent.add(setting(INITIAL_WINDOW_SIZE, random.oneOf(2, 0, 1, 65_535)));
    byte[] request = Headers.withoutSecret(random);
    byte[] trailers = random.oneOf(2, Headers.trailers(random), Headers.withoutSecret(random));
    int flags = END_HEADERS | random.oneOf(3, END_STREAM, 0);
    for (int stream = 1; stream < 2 * CROWDED; stream += 2) {
      frames.sent.add(frame(HEADERS, flags, stream, request));
      if (flags == END_HEADERS) {
        frames.sent.add(frame(HEADERS, END_HEADERS | END_STREAM, stream, trailers));
      }
    }
    return frames.sent;
  }

  static List<byte[]> ofHolder(SeededRandom random) {
    var frames = new Frames(random);
    frames.sent.add(PREFACE);
    frames.sent.add(setting(HEADER_TABLE_SIZE, random.oneOf(2, 4_096, -1)));
    for (int stream = 1; stream < 2 * CROWDED; stream += 2) {
      String method = random.of(CHAT, WATCH);
      String secret = random.oneOf(9, Headers.REVOKED, Headers.SECRET, "");
      frames.sent.add(Http2Frames.call(stream, method, "authorization", secret));
      frames.data(stream, random.oneOf(9, 0, END_STREAM), message(false, 0));
    }
    return frames.sent;
  }

  private void begin() {
    byte[] http1 = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII);
    byte[] tls = {22, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3};
    byte[] cut = Arrays.copyOf(PREFACE, random.below(PREFACE.length));
    sent.add(random.oneOf(15, PREFACE, http1, tls, cut, random.bytes(64), new byte[0]));
    if (!random.one(15)) {
      sent.add(settings());
    }
    if (random.one(5)) {
      sent.add(setting(INITIAL_WINDOW_SIZE, random.oneOf(3, 0, 1)));
    }
    if (random.one(10)) {
      sent.add(setting(HEADER_TABLE_SIZE, random.oneOf(3, -1, 0, 1 << 20)));
    }
    if (!random.one(6)) {
      sent.add(frame(SETTINGS, ACK, 0));
    }
  }

  private void next() {
    switch (random.below(20)) {
      case 0 -> sent.add(settings());
      case 1 -> sent.add(frame(SETTINGS, random.oneOf(2, ACK, 0, 255), 0, payload(0)));
      case 2 -> sent.add(frame(PING, random.oneOf(3, 0, ACK), random.oneOf(9, 0, 1), payload(8)));
      case 3 -> sent.add(frame(GOAWAY, 0, random.oneOf(9, 0, 1), payload(8 + random.below(20))));
      case 4 -> sent.add(frame(RST_STREAM, 0, stream(), payload(4)));
      case 5 -> sent.add(frame(PRIORITY, 0, stream(), payload(5)));
      case 6, 7 -> sent.add(frame(WINDOW_UPDATE, 0, random.oneOf(2, 0, stream()), increment()));
      case 8 -> sent.add(frame(PUSH_PROMISE, END_HEADERS, stream(), Headers.block(random)));
      case 9 -> sent.add(frame(CONTINUATION, flags(), stream(), Headers.block(random)));
      case 10 -> sent.add(frame(random.below(256), flags(), stream(), payload(random.below(40))));
      case 11 -> data(stream(), flags(), Messages.some(random));
      case 12 -> sent.add(lie());
      default -> call();
    }
  }

  private void call() {
    int stream = random.oneOf(30, nextStream, stream());
    nextStream += 2;
    headers(stream, random.one(20) ? END_STREAM : 0, request());
    for (int i = random.oneOf(3, 1, 0, 3); i > 0; i--) {
      data(stream, 0, Messages.some(random));
    }
    if (!random.one(3)) {
      sent.add(frame(DATA, END_STREAM, stream));
    }
    if (random.one(8)) {
      sent.add(frame(RST_STREAM, 0, stream, Ints.toByteArray(8)));
    }
    if (random.one(15)) {
      headers(stream, END_STREAM, random.oneOf(2, request(), Headers.trailers(random)));
    }
  }

  private byte[] request() {
    return random.one(6) ? Headers.withoutSecret(random) : Headers.block(random);
  }

  /** Headers in one frame or several, possibly with an inserted or a missing frame. */
  private void headers(int stream, int flags, byte[] block) {
    int pieces = random.oneOf(6, 1, 2, 3, 20);
    int size = Math.min(LARGEST_FRAME, block.length / pieces + 1);
    for (int from = 0; from < block.length; from += size) {
      int to = Math.min(block.length, from + size);
      int end = to == block.length && !random.one(40) ? END_HEADERS : 0;
      byte[] piece = Arrays.copyOfRange(block, from, to);
      sent.add(
          from == 0 ? first(stream, flags | end, piece) : frame(CONTINUATION, end, stream, piece));
      if (random.one(40)) {
        sent.add(frame(PING, 0, 0, new byte[8]));
      }
    }
  }

  private byte[] first(int stream, int flags, byte[] block) {
    if (!random.one(15)) {
      return frame(HEADERS, flags, stream, block);
    }
    boolean padded = random.one(2);
    var payload = ByteBuffer.allocate(block.length + 300);
    if (padded) {
      payload.put(random.oneOf(3, (byte) 7, (byte) 255));
    }
    payload.putInt(random.oneOf(4, 0, stream, -1)).put((byte) random.any()).put(block);
    if (padded) {
      payload.put(new byte[7]);
    }
    byte[] bytes = Arrays.copyOf(payload.array(), payload.position());
    return frame(HEADERS, flags | WITH_PRIORITY | (padded ? PADDED : 0), stream, bytes);
  }

  private void data(int stream, int flags, byte[] bytes) {
    int most = random.oneOf(10, LARGEST_FRAME, 1, 100);
    int size = Math.max(most, bytes.length / 200 + 1);
    for (int from = 0; from < bytes.length; from += size) {
      byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size));
      sent.add(frame(DATA, flags, stream, piece));
    }
  }

  private byte[] settings() {
    var payload = ByteBuffer.allocate(6 * 8);
    for (int i = random.below(4); i > 0; i--) {
      payload.putShort(
          random.oneOf(10, (short) (1 + random.below(6)), (short) 0, (short) 9, (short) -1));
      int tame = random.oneOf(2, 65_535, 0, 1, 100, 4_096, 16_384, 1 << 20);
      payload.putInt(random.oneOf(8, tame, -1, Integer.MAX_VALUE, random.any()));
    }
    return frame(SETTINGS, 0, 0, Arrays.copyOf(payload.array(), payload.position()));
  }

  /** A frame with a wrong length. */
  private byte[] lie() {
    byte[] frame = frame(random.below(12), flags(), stream(), random.bytes(random.below(40)));
    frame[random.oneOf(3, 2, 1, 0)] = (byte) random.any();
    return frame;
  }

  private byte[] payload(int usual) {
    return random.bytes(random.oneOf(10, usual, 0, usual + 1, 3, 100));
  }

  private byte[] increment() {
    return Ints.toByteArray(random.oneOf(4, 1 + random.below(65_535), 0, 1, -1, Integer.MAX_VALUE));
  }

  private int flags() {
    return random.oneOf(4, random.oneOf(2, 0, END_STREAM, END_HEADERS, 5), random.below(256));
  }

  /** Returns an open, closed, future or invalid stream. */
  private int stream() {
    return random.oneOf(
        4, 1 + 2 * random.below(nextStream / 2 + 1), 0, 2, nextStream, Integer.MAX_VALUE, -1);
  }
}
