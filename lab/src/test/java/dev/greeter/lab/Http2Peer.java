package dev.greeter.lab;

import static dev.greeter.lab.Http2Frames.*;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** An HTTP/2 client that enforces no rules except its connection's window. */
public final class Http2Peer implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int GUESSES_AT_A_TIME = 20;

  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private final List<Frame> unread = new ArrayList<>();
  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private int window = 65_535;

  /** A received frame. */
  public record Frame(int type, int flags, int stream, byte[] payload) {}

  /** An action for each call. */
  public interface CallAction {
    /** Runs the action. */
    void accept(int stream) throws IOException;
  }

  private Http2Peer(Socket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = new DataInputStream(socket.getInputStream());
  }

  /**
   * Connects without sending anything.
   *
   * @param from an address of the loopback interface
   * @param receiveBuffer the size of the system's receive buffer in bytes, or 0 for its default
   */
  public static Http2Peer silent(int port, String from, int receiveBuffer) throws IOException {
    var socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    return connect(
        socket, new InetSocketAddress(from, 0), new InetSocketAddress("127.0.0.1", port));
  }

  /** Connects from another address than the control clients, without sending anything. */
  public static Http2Peer silent(int port) throws IOException {
    return silent(port, "127.0.0.2", 0);
  }

  /** Connects the same way and completes the handshake. */
  public static Http2Peer connect(int port) throws IOException {
    return silent(port).shakeHands();
  }

  private static Http2Peer connect(Socket socket, SocketAddress from, SocketAddress to)
      throws IOException {
    socket.setSoTimeout(TIMEOUT_MILLIS);
    // Each write becomes a separate segment, which the service reads separately.
    socket.setTcpNoDelay(true);
    socket.bind(from);
    socket.connect(to, TIMEOUT_MILLIS);
    return new Http2Peer(socket);
  }

  /** Connects from this peer's address and port to another address of the service. */
  public Http2Peer twin(String to) throws IOException {
    var twin = new Socket();
    for (Socket each : List.of(socket, twin)) {
      each.setReuseAddress(true);
      each.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }
    return connect(
        twin, socket.getLocalSocketAddress(), new InetSocketAddress(to, socket.getPort()));
  }

  /** Completes a TLS handshake with any certificate; must be called before sending. */
  public Http2Peer overTls() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      String host = socket.getInetAddress().getHostAddress();
      var tls =
          (SSLSocket) context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
      SSLParameters parameters = tls.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      tls.setSSLParameters(parameters);
      tls.startHandshake();
      return new Http2Peer(tls);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** Completes the HTTP/2 handshake. */
  public Http2Peer shakeHands() throws IOException {
    send(PREFACE);
    // Headers can be decoded even if earlier ones were skipped.
    send(setting(HEADER_TABLE_SIZE, 0));
    await(SETTINGS, 0);
    // From here on, the service's settings apply, such as its window.
    send(frame(SETTINGS, ACK, 0));
    return this;
  }

  /** Returns the local port. */
  public int localPort() {
    return socket.getLocalPort();
  }

  /** Sends bytes. */
  public void send(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Runs an action for each of the connection's first calls. */
  public void calls(int calls, CallAction action) throws IOException {
    for (int stream = 1; stream < 2 * calls; stream += 2) {
      action.accept(stream);
    }
  }

  /** Sends a call with a complete or partial message; it must fit into the window. */
  public void request(int stream, String method, int flags, byte[] message, String... headers)
      throws IOException {
    send(call(stream, method, headers));
    data(stream, flags, message);
  }

  /** Sends a call's data as fast as the connection's window allows. */
  public void data(int stream, int flags, byte[] data) throws IOException {
    for (int from = 0; from < data.length; from += LARGEST_FRAME) {
      int to = Math.min(data.length, from + LARGEST_FRAME);
      while (window < to - from) {
        window += ByteBuffer.wrap(await(WINDOW_UPDATE, 0).payload()).getInt();
      }
      send(frame(DATA, to == data.length ? flags : 0, stream, Arrays.copyOfRange(data, from, to)));
      window -= to - from;
    }
  }

  /** Requests a service's health. */
  public void ask(int stream, String method, String service) throws IOException {
    request(stream, method, END_STREAM, Http2Frames.question(service));
  }

  /** Sends a byte or a frame, then pauses. */
  public void drip(byte... bytes) throws IOException, InterruptedException {
    flood(1, bytes);
    Thread.sleep(200);
  }

  /** Sends bytes repeatedly, or until the service closes the connection. */
  public void flood(int times, byte[] bytes) throws IOException {
    try {
      for (int i = 0; i < times; i++) {
        send(bytes);
      }
    } catch (SocketException closed) {
      // This is how a flood should end; hasBeenClosed() checks it.
    }
  }

  /** Reads to the end of the connection for up to 30 s, and returns true. */
  public boolean hasBeenClosed() throws IOException {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (SocketException reset) {
      return true;
    }
    return true;
  }

  /** Returns whether the connection was closed before the service sent anything. */
  public boolean isRefused() throws IOException {
    try {
      return in.read() == -1;
    } catch (SocketException reset) {
      return true;
    }
  }

  /** Waits for GOAWAY and returns its reason. */
  public String goAway() throws IOException {
    byte[] payload = await(GOAWAY, 0).payload();
    return new String(payload, 8, payload.length - 8, US_ASCII);
  }

  /** Waits until the service resets a call, and returns the code. */
  public int reset(int stream) throws IOException {
    return await(RST_STREAM, stream).payload()[3];
  }

  /** Waits for a call's next headers or trailers. */
  public Http2Headers headers(int stream) throws Exception {
    byte[] block = await(HEADERS, stream).payload();
    return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
  }

  /** Waits for the trailers and returns the status code and description. */
  public String status(int stream) throws Exception {
    Http2Headers headers = headers(stream);
    if (!headers.contains("grpc-status")) {
      headers = headers(stream);
    }
    return headers.get("grpc-status") + " " + headers.get("grpc-message");
  }

  /** Requests greetings, twenty at a time, and returns the number of refused secrets. */
  public int guess(int guesses, Supplier<String> secrets) throws Exception {
    int refused = 0;
    for (int first = 1; first < 2 * guesses; first += 2 * GUESSES_AT_A_TIME) {
      int offset = first - 1;
      send(
          Http2Frames.calls(
              GUESSES_AT_A_TIME, stream -> greet(offset + stream, "authorization", secrets.get())));
      for (int stream = first; stream < first + 2 * GUESSES_AT_A_TIME; stream += 2) {
        refused += status(stream).startsWith("16 ") ? 1 : 0;
      }
    }
    return refused;
  }

  /** Waits for a frame if necessary; answers earlier pings. */
  public Frame await(int type, int stream) throws IOException {
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
    int lengthAndType = in.readInt();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(lengthAndType >>> 8);
    if (payload.length < lengthAndType >>> 8) {
      throw new EOFException();
    }
    return new Frame(lengthAndType & 0xff, flags, stream, payload);
  }

  /** Ends the connection with a reset instead of an end of stream. */
  public void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
