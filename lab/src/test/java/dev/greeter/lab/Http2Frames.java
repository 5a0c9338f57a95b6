package dev.greeter.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import io.grpc.health.v1.HealthCheckRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** Encodes HTTP/2 frames (RFC 9113), headers (RFC 7541) and gRPC messages, valid or not. */
public final class Http2Frames {

  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PUSH_PROMISE = 5;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  /** A frame type that HTTP/2 does not define; receivers skip it. */
  public static final int UNKNOWN = 0xfa;

  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  public static final int HEADER_TABLE_SIZE = 1;
  public static final int INITIAL_WINDOW_SIZE = 4;

  /** The largest frame that is always allowed. */
  public static final int LARGEST_FRAME = 16_384;

  /** Literals with incremental indexing (RFC 7541, 6.2.1). */
  public static final int INDEXED = 0x40;

  public static final String GREET = "tutorial.Greeter/Greet";
  public static final String CHAT = "tutorial.Greeter/Chat";
  public static final String HEALTH = "grpc.health.v1.Health/Check";
  public static final String WATCH = "grpc.health.v1.Health/Watch";
  public static final String[] SECRET = {"authorization", "42"};

  public static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

  private static final int FIRST_DYNAMIC_INDEX = 62;
  private static final int CANCEL = 8;

  private Http2Frames() {}

  /** Encodes a frame. */
  public static byte[] frame(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** Encodes a SETTINGS frame with one setting. */
  public static byte[] setting(int identifier, int value) {
    byte[] payload = ByteBuffer.allocate(6).putShort((short) identifier).putInt(value).array();
    return frame(SETTINGS, 0, 0, payload);
  }

  /** Encodes the first calls of a connection. */
  public static byte[] calls(int calls, IntFunction<byte[]> ofStream) {
    return Bytes.concat(
        IntStream.range(0, calls).mapToObj(i -> ofStream.apply(2 * i + 1)).toArray(byte[][]::new));
  }

  /** Encodes the frame that opens a call; names and values of further headers alternate. */
  public static byte[] call(int stream, String method, String... headers) {
    return frame(HEADERS, END_HEADERS, stream, headerBlock(method, headers));
  }

  /** Encodes the frame that opens and half-closes a call without a message. */
  public static byte[] emptyCall(int stream, String method, String... headers) {
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, headerBlock(method, headers));
  }

  /** Encodes a request for a greeting of Ada, or any request with a string in field 1. */
  public static byte[] greet(int stream, String... headers) {
    return Bytes.concat(
        call(stream, GREET, headers), frame(DATA, END_STREAM, stream, question("Ada")));
  }

  /** Encodes calls that are reset immediately (CVE-2023-44487), with further headers. */
  public static byte[] rapidResets(int calls, String... headers) {
    return calls(
        calls,
        stream ->
            Bytes.concat(
                call(stream, GREET, headers),
                frame(RST_STREAM, 0, stream, Ints.toByteArray(CANCEL))));
  }

  /** Encodes a call's headers as literals without indexing (RFC 7541, 6.2.2). */
  public static byte[] headerBlock(String method, String... headers) {
    return Bytes.concat(
        literals(0, ":method", "POST", ":scheme", "http", ":path", "/" + method),
        literals(0, ":authority", "localhost", "content-type", "application/grpc"),
        literals(0, "te", "trailers"),
        literals(0, headers));
  }

  /**
   * Encodes headers as literals.
   *
   * @param representation {@link #INDEXED} if the service must keep them in its table, else 0
   * @param headers alternating names and values
   */
  public static byte[] literals(int representation, String... headers) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < headers.length; i++) {
      if (i % 2 == 0) {
        bytes.write(representation);
      }
      integer(bytes, 0, 7, headers[i].length());
      bytes.writeBytes(headers[i].getBytes(US_ASCII));
    }
    return bytes.toByteArray();
  }

  /** Encodes the latest headers in the service's table, with one byte each. */
  public static byte[] indices(int headers) {
    var bytes = new byte[headers];
    for (int i = 0; i < headers; i++) {
      bytes[i] = (byte) (0x80 | FIRST_DYNAMIC_INDEX + headers - 1 - i);
    }
    return bytes;
  }

  /**
   * Encodes an integer (RFC 7541, 5.1).
   *
   * @param first the preceding bits
   * @param bits the number of its bits in the first byte
   */
  public static void integer(ByteArrayOutputStream out, int first, int bits, int value) {
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

  /** Encodes a gRPC message or its start. */
  public static byte[] message(boolean compressed, int announcedLength, byte... content) {
    return ByteBuffer.allocate(5 + content.length)
        .put((byte) (compressed ? 1 : 0))
        .putInt(announcedLength)
        .put(content)
        .array();
  }

  /** Encodes a message with a string in field 1: a name to greet, or a service for health. */
  public static byte[] question(String name) {
    byte[] question = protobuf(name);
    return message(false, question.length, question);
  }

  /** Encodes the same message, compressed; its calls need the header {@code grpc-encoding}. */
  public static byte[] compressedQuestion(String name) {
    byte[] question = gzip(protobuf(name));
    return message(true, question.length, question);
  }

  private static byte[] protobuf(String name) {
    return HealthCheckRequest.newBuilder().setService(name).build().toByteArray();
  }

  /** Compresses bytes. */
  public static byte[] gzip(byte[] content) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Repeats bytes. */
  public static byte[] repeat(int times, byte[] bytes) {
    return calls(times, ignored -> bytes);
  }
}
