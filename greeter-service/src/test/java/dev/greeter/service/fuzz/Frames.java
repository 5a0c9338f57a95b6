package dev.greeter.service.fuzz;

import static dev.greeter.service.attack.Http2Peer.ACK;
import static dev.greeter.service.attack.Http2Peer.CONTINUATION;
import static dev.greeter.service.attack.Http2Peer.DATA;
import static dev.greeter.service.attack.Http2Peer.END_HEADERS;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.GOAWAY;
import static dev.greeter.service.attack.Http2Peer.HEADERS;
import static dev.greeter.service.attack.Http2Peer.HEADER_TABLE_SIZE;
import static dev.greeter.service.attack.Http2Peer.INITIAL_WINDOW_SIZE;
import static dev.greeter.service.attack.Http2Peer.PING;
import static dev.greeter.service.attack.Http2Peer.PREFACE;
import static dev.greeter.service.attack.Http2Peer.PRIORITY;
import static dev.greeter.service.attack.Http2Peer.PUSH_PROMISE;
import static dev.greeter.service.attack.Http2Peer.RST_STREAM;
import static dev.greeter.service.attack.Http2Peer.SETTINGS;
import static dev.greeter.service.attack.Http2Peer.WINDOW_UPDATE;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.message;
import static dev.greeter.service.attack.Http2Peer.number;
import static dev.greeter.service.attack.Http2Peer.setting;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.greeter.service.attack.Http2Peer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one connection sends: frames (RFC 9113) of all types, in a legal order and in others. */
final class Frames {

  private static final int PADDED = 8;
  private static final int WITH_PRIORITY = 0x20;
  private static final int LARGEST = 16_384;

  /** Nearly as many calls as a connection may have at a time. */
  private static final int CROWDED = 98;

  private final Chance chance;
  private final List<byte[]> sent = new ArrayList<>();
  private int nextStream = 1;

  private Frames(Chance chance) {
    this.chance = chance;
  }

  /** Returns what is sent, in pieces. */
  static List<byte[]> ofConnection(Chance chance) {
    var frames = new Frames(chance);
    frames.begin();
    int count = chance.oneOf(5, 1 + chance.below(12), 0, 1, 60, 300);
    for (int i = 0; i < count; i++) {
      frames.next();
    }
    return frames.sent;
  }

  /** Returns what each connection of a crowd sends: the same request again and again. */
  static List<byte[]> ofCrowd(Chance chance) {
    var frames = new Frames(chance);
    frames.sent.add(PREFACE);
    frames.sent.add(setting(INITIAL_WINDOW_SIZE, chance.oneOf(2, 0, 1, 65_535)));
    byte[] request = Headers.withoutSecret(chance);
    byte[] trailers = chance.oneOf(2, Headers.trailers(chance), Headers.withoutSecret(chance));
    int flags = END_HEADERS | chance.oneOf(3, END_STREAM, 0);
    for (int stream = 1; stream < 2 * CROWDED; stream += 2) {
      frames.sent.add(frame(HEADERS, flags, stream, request));
      if (flags == END_HEADERS) {
        frames.sent.add(frame(HEADERS, END_HEADERS | END_STREAM, stream, trailers));
      }
    }
    return frames.sent;
  }

  /** Returns what a client sends that holds calls, with a secret that is revoked meanwhile. */
  static List<byte[]> ofHolder(Chance chance) {
    var frames = new Frames(chance);
    frames.sent.add(PREFACE);
    frames.sent.add(setting(HEADER_TABLE_SIZE, chance.oneOf(2, 4_096, -1)));
    for (int stream = 1; stream < 2 * CROWDED; stream += 2) {
      String method = chance.of("tutorial.Greeter/Chat", "grpc.health.v1.Health/Watch");
      String secret = chance.oneOf(9, Headers.REVOKED, Headers.SECRET, "");
      frames.sent.add(Http2Peer.call(stream, method, "authorization", secret));
      frames.data(stream, chance.oneOf(9, 0, END_STREAM), message(false, 0));
    }
    return frames.sent;
  }

  private void begin() {
    byte[] http1 = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII);
    byte[] tls = {22, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3};
    byte[] cut = Arrays.copyOf(PREFACE, chance.below(PREFACE.length));
    sent.add(chance.oneOf(15, PREFACE, http1, tls, cut, chance.bytes(64), new byte[0]));
    if (!chance.one(15)) {
      sent.add(settings());
    }
    if (chance.one(5)) {
      sent.add(setting(INITIAL_WINDOW_SIZE, chance.oneOf(3, 0, 1)));
    }
    if (chance.one(10)) {
      sent.add(setting(HEADER_TABLE_SIZE, chance.oneOf(3, -1, 0, 1 << 20)));
    }
    if (!chance.one(6)) {
      sent.add(frame(SETTINGS, ACK, 0));
    }
  }

  private void next() {
    switch (chance.below(20)) {
      case 0 -> sent.add(settings());
      case 1 -> sent.add(frame(SETTINGS, chance.oneOf(2, ACK, 0, 255), 0, payload(0)));
      case 2 -> sent.add(frame(PING, chance.oneOf(3, 0, ACK), chance.oneOf(9, 0, 1), payload(8)));
      case 3 -> sent.add(frame(GOAWAY, 0, chance.oneOf(9, 0, 1), payload(8 + chance.below(20))));
      case 4 -> sent.add(frame(RST_STREAM, 0, stream(), payload(4)));
      case 5 -> sent.add(frame(PRIORITY, 0, stream(), payload(5)));
      case 6, 7 -> sent.add(frame(WINDOW_UPDATE, 0, chance.oneOf(2, 0, stream()), increment()));
      case 8 -> sent.add(frame(PUSH_PROMISE, END_HEADERS, stream(), Headers.block(chance)));
      case 9 -> sent.add(frame(CONTINUATION, flags(), stream(), Headers.block(chance)));
      case 10 -> sent.add(frame(chance.below(256), flags(), stream(), payload(chance.below(40))));
      case 11 -> data(stream(), flags(), Messages.some(chance));
      case 12 -> sent.add(lie());
      default -> call();
    }
  }

  /** A call as a client makes it, but for what its headers and messages are. */
  private void call() {
    int stream = chance.oneOf(30, nextStream, stream());
    nextStream += 2;
    headers(stream, chance.one(20) ? END_STREAM : 0, request());
    for (int i = chance.oneOf(3, 1, 0, 3); i > 0; i--) {
      data(stream, 0, Messages.some(chance));
    }
    if (!chance.one(3)) {
      sent.add(frame(DATA, END_STREAM, stream));
    }
    if (chance.one(8)) {
      sent.add(frame(RST_STREAM, 0, stream, number(8)));
    }
    if (chance.one(15)) {
      headers(stream, END_STREAM, chance.oneOf(2, request(), Headers.trailers(chance)));
    }
  }

  private byte[] request() {
    return chance.one(6) ? Headers.withoutSecret(chance) : Headers.block(chance);
  }

  /** Headers in one frame, or in several, into which another may be put, or of which one lacks. */
  private void headers(int stream, int flags, byte[] block) {
    int pieces = chance.oneOf(6, 1, 2, 3, 20);
    int size = Math.min(LARGEST, block.length / pieces + 1);
    for (int from = 0; from < block.length; from += size) {
      int to = Math.min(block.length, from + size);
      int end = to == block.length && !chance.one(40) ? END_HEADERS : 0;
      byte[] piece = Arrays.copyOfRange(block, from, to);
      sent.add(
          from == 0 ? first(stream, flags | end, piece) : frame(CONTINUATION, end, stream, piece));
      if (chance.one(40)) {
        sent.add(frame(PING, 0, 0, new byte[8]));
      }
    }
  }

  private byte[] first(int stream, int flags, byte[] block) {
    if (!chance.one(15)) {
      return frame(HEADERS, flags, stream, block);
    }
    boolean padded = chance.one(2);
    var payload = ByteBuffer.allocate(block.length + 300);
    if (padded) {
      payload.put(chance.oneOf(3, (byte) 7, (byte) 255));
    }
    payload.putInt(chance.oneOf(4, 0, stream, -1)).put((byte) chance.any()).put(block);
    if (padded) {
      payload.put(new byte[7]);
    }
    byte[] bytes = Arrays.copyOf(payload.array(), payload.position());
    return frame(HEADERS, flags | WITH_PRIORITY | (padded ? PADDED : 0), stream, bytes);
  }

  private void data(int stream, int flags, byte[] bytes) {
    int most = chance.oneOf(10, LARGEST, 1, 100);
    int size = Math.max(most, bytes.length / 200 + 1);
    for (int from = 0; from < bytes.length; from += size) {
      byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size));
      sent.add(frame(DATA, flags, stream, piece));
    }
  }

  private byte[] settings() {
    var payload = ByteBuffer.allocate(6 * 8);
    for (int i = chance.below(4); i > 0; i--) {
      payload.putShort(
          chance.oneOf(10, (short) (1 + chance.below(6)), (short) 0, (short) 9, (short) -1));
      int tame = chance.oneOf(2, 65_535, 0, 1, 100, 4_096, 16_384, 1 << 20);
      payload.putInt(chance.oneOf(8, tame, -1, Integer.MAX_VALUE, chance.any()));
    }
    return frame(SETTINGS, 0, 0, Arrays.copyOf(payload.array(), payload.position()));
  }

  /** A frame whose length is not that of what follows. */
  private byte[] lie() {
    byte[] frame = frame(chance.below(12), flags(), stream(), chance.bytes(chance.below(40)));
    frame[chance.oneOf(3, 2, 1, 0)] = (byte) chance.any();
    return frame;
  }

  private byte[] payload(int usual) {
    return chance.bytes(chance.oneOf(10, usual, 0, usual + 1, 3, 100));
  }

  private byte[] increment() {
    return number(chance.oneOf(4, 1 + chance.below(65_535), 0, 1, -1, Integer.MAX_VALUE));
  }

  private int flags() {
    return chance.oneOf(4, chance.oneOf(2, 0, END_STREAM, END_HEADERS, 5), chance.below(256));
  }

  /** One that is open, one that was, one that will be, or one that never can. */
  private int stream() {
    return chance.oneOf(
        4, 1 + 2 * chance.below(nextStream / 2 + 1), 0, 2, nextStream, Integer.MAX_VALUE, -1);
  }
}
