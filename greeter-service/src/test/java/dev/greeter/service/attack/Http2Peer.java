package dev.greeter.service.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A client of HTTP/2 (RFC 9113) that keeps none of its rules by itself. */
public final class Http2Peer implements AutoCloseable {

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

  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  public static final int FLOW_CONTROL_ERROR = 3;
  public static final int REFUSED_STREAM = 7;

  static final String GREET = "tutorial.Greeter/Greet";
  static final String CHAT = "tutorial.Greeter/Chat";
  static final String HEALTH = "grpc.health.v1.Health/Check";
  static final String WATCH = "grpc.health.v1.Health/Watch";
  static final String[] SECRET = {"authorization", "42"};

  public static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

  /** Literals with incremental indexing (RFC 7541, 6.2.1). */
  static final int INDEXED = 0x40;

  private static final int FIRST_DYNAMIC_INDEX = 62;

  public static final int HEADER_TABLE_SIZE = 1;
  public static final int INITIAL_WINDOW_SIZE = 4;

  /** The well-behaved client comes from 127.0.0.1. */
  static final String ADDRESS = "127.0.0.2";

  private static final int TIMEOUT_MILLIS = 30_000;

  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private final List<Frame> unread = new ArrayList<>();
  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  /** A frame of HTTP/2 as it was read. */
  record Frame(int type, int flags, int stream, byte[] payload) {}

  private Http2Peer(Socket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** Connects, and says nothing. */
  static Http2Peer silent(int port) throws IOException {
    return silent(port, ADDRESS);
  }

  /** Connects from an address of the loopback interface, and says nothing. */
  static Http2Peer silent(int port, String from) throws IOException {
    return silent(port, from, 0);
  }

  /**
   * Connects, and says nothing.
   *
   * @param from an address of the loopback interface
   * @param receiveBuffer how many bytes the system takes in before they are read, or 0 for its own
   *     choice
   */
  static Http2Peer silent(int port, String from, int receiveBuffer) throws IOException {
    var socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    return connect(
        socket,
        new InetSocketAddress(from, 0),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private static Http2Peer connect(Socket socket, SocketAddress from, SocketAddress to)
      throws IOException {
    socket.setSoTimeout(TIMEOUT_MILLIS);
    // Each write is a segment of its own, which the service reads by itself.
    socket.setTcpNoDelay(true);
    socket.bind(from);
    socket.connect(to, TIMEOUT_MILLIS);
    return new Http2Peer(socket);
  }

  /** Connects from this one's address and port to another address of the service. */
  Http2Peer twin(String to) throws IOException {
    var twin = new Socket();
    for (Socket each : List.of(socket, twin)) {
      each.setReuseAddress(true);
      each.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }
    return connect(
        twin, socket.getLocalSocketAddress(), new InetSocketAddress(to, socket.getPort()));
  }

  /** Begins TLS, before anything is sent. */
  Http2Peer overTls() throws IOException {
    return new Http2Peer(Tls.over(socket));
  }

  /** Connects, and ends the handshake. */
  static Http2Peer connect(int port) throws IOException {
    var peer = silent(port);
    peer.shakeHands();
    return peer;
  }

  /** Ends the handshake. */
  void shakeHands() throws IOException {
    send(PREFACE);
    // So that headers can be read that come after unread ones.
    send(setting(HEADER_TABLE_SIZE, 0));
    await(SETTINGS, 0);
    // Only now does what the service has set hold, such as its window.
    send(frame(SETTINGS, ACK, 0));
  }

  int localPort() {
    return socket.getLocalPort();
  }

  /** Encodes a frame. */
  public static byte[] frame(int type, int flags, int stream, byte... payload) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(payload.length >> 16);
    bytes.write(payload.length >> 8);
    bytes.write(payload.length);
    bytes.write(type);
    bytes.write(flags);
    bytes.writeBytes(number(stream));
    bytes.writeBytes(payload);
    return bytes.toByteArray();
  }

  /** Encodes a SETTINGS frame with one setting. */
  public static byte[] setting(int identifier, int value) {
    byte[] payload = ByteBuffer.allocate(6).putShort((short) identifier).putInt(value).array();
    return frame(SETTINGS, 0, 0, payload);
  }

  /** Encodes the frame that opens a call; names and values of further headers alternate. */
  public static byte[] call(int stream, String method, String... headers) {
    return frame(HEADERS, END_HEADERS, stream, headerBlock(method, headers));
  }

  /** Encodes calls that are reset at once (CVE-2023-44487), with further headers. */
  static byte[] rapidResets(int firstStream, int calls, String... headers) {
    var bytes = new ByteArrayOutputStream();
    for (int stream = firstStream; stream < firstStream + 2 * calls; stream += 2) {
      bytes.writeBytes(call(stream, GREET, headers));
      bytes.writeBytes(frame(RST_STREAM, 0, stream, number(8)));
    }
    return bytes.toByteArray();
  }

  /** Encodes the headers of a call, as literals that are not indexed (RFC 7541, 6.2.2). */
  static byte[] headerBlock(String method, String... headers) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(literals(0, ":method", "POST", ":scheme", "http", ":path", "/" + method));
    bytes.writeBytes(literals(0, ":authority", "localhost"));
    bytes.writeBytes(literals(0, "content-type", "application/grpc", "te", "trailers"));
    bytes.writeBytes(literals(0, headers));
    return bytes.toByteArray();
  }

  /**
   * Encodes headers as literals.
   *
   * @param representation {@link #INDEXED} for the service to keep them in its table, or else 0
   * @param headers names and values in turn
   */
  static byte[] literals(int representation, String... headers) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < headers.length; i += 2) {
      bytes.write(representation);
      string(bytes, headers[i]);
      string(bytes, headers[i + 1]);
    }
    return bytes.toByteArray();
  }

  /** Encodes the headers that were the last in the service's table, a byte each. */
  static byte[] indices(int headers) {
    var bytes = new byte[headers];
    for (int i = 0; i < headers; i++) {
      bytes[i] = (byte) (0x80 | FIRST_DYNAMIC_INDEX + headers - 1 - i);
    }
    return bytes;
  }

  /** Encodes a big-endian number of four bytes. */
  public static byte[] number(int value) {
    return new byte[] {
      (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
    };
  }

  /** Encodes the beginning of a gRPC message. */
  public static byte[] message(boolean compressed, int announcedLength, byte... content) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(compressed ? 1 : 0);
    bytes.writeBytes(number(announcedLength));
    bytes.writeBytes(content);
    return bytes.toByteArray();
  }

  void send(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Sends a little, and takes a rest. */
  void drip(byte... bytes) throws IOException, InterruptedException {
    flood(1, bytes);
    Thread.sleep(200);
  }

  /** Sends up to so many times, until the service has closed the connection. */
  void flood(int times, byte[] bytes) throws IOException {
    try {
      for (int i = 0; i < times; i++) {
        send(bytes);
      }
    } catch (SocketException closed) {
      // That is what a flood should come to; whether it has is asked by hasBeenClosed().
    }
  }

  /** Waits for the end of the connection, without an answer to anything. */
  boolean hasBeenClosed() throws IOException {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (SocketException reset) {
      return true;
    }
    return true;
  }

  /** Whether the connection was closed before the service said anything, as it does at once. */
  boolean isRefused() throws IOException {
    try {
      return in.read() == -1;
    } catch (SocketException reset) {
      return true;
    }
  }

  /** Waits for the service to say that it will close the connection, and returns why. */
  String goAway() throws IOException {
    byte[] payload = await(GOAWAY, 0).payload();
    return new String(payload, 8, payload.length - 8, US_ASCII);
  }

  /** Waits for the code with which the service resets a call. */
  int reset(int stream) throws IOException {
    return await(RST_STREAM, stream).payload()[3];
  }

  /** Waits for the headers, or else the trailers, that the service sends next in a call. */
  Http2Headers headers(int stream) throws IOException, Http2Exception {
    byte[] block = await(HEADERS, stream).payload();
    return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
  }

  /** Waits for the trailers, and returns the status and its text, with a blank between them. */
  String status(int stream) throws IOException, Http2Exception {
    Http2Headers headers = headers(stream);
    if (!headers.contains("grpc-status")) {
      headers = headers(stream);
    }
    return headers.get("grpc-status") + " " + headers.get("grpc-message");
  }

  /** Waits for a frame, unless it has come; on the way there pings are answered. */
  Frame await(int type, int stream) throws IOException {
    for (Frame frame : unread) {
      if (frame.type() == type && frame.stream() == stream) {
        unread.remove(frame);
        return frame;
      }
    }
    while (true) {
      Frame frame = read();
      if (frame.type() == type && frame.stream() == stream) {
        return frame;
      }
      unread.add(frame);
      if (frame.type() == PING && frame.flags() != ACK) {
        send(frame(PING, ACK, 0, frame.payload()));
      }
    }
  }

  private Frame read() throws IOException {
    int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(length);
    if (payload.length < length) {
      throw new EOFException();
    }
    return new Frame(type, flags, stream, payload);
  }

  /** Goes away without a word: with a reset, not with an end of the stream. */
  void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static void string(ByteArrayOutputStream bytes, String text) {
    int length = text.length();
    if (length < 127) {
      bytes.write(length);
    } else {
      bytes.write(127);
      for (length -= 127; length >= 128; length >>= 7) {
        bytes.write(length & 127 | 128);
      }
      bytes.write(length);
    }
    bytes.writeBytes(text.getBytes(US_ASCII));
  }
}
