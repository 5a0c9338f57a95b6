package dev.greeter.service.attack;

import static dev.greeter.service.attack.Http2Peer.DATA;
import static dev.greeter.service.attack.Http2Peer.END_STREAM;
import static dev.greeter.service.attack.Http2Peer.WINDOW_UPDATE;
import static dev.greeter.service.attack.Http2Peer.call;
import static dev.greeter.service.attack.Http2Peer.frame;
import static dev.greeter.service.attack.Http2Peer.message;

import io.grpc.health.v1.HealthCheckRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** A connection of somebody without the secret, who keeps to the windows of HTTP/2 if need be. */
final class Stranger implements AutoCloseable {

  /** The largest frame that is always allowed. */
  static final int LARGEST_FRAME = 16_384;

  private final Http2Peer peer;
  private int window = 65_535;

  Stranger(Http2Peer peer) {
    this.peer = peer;
  }

  Http2Peer peer() {
    return peer;
  }

  void send(byte[] bytes) throws IOException {
    peer.send(bytes);
  }

  /** Makes a call with a message, which may be the last or not; the window has to have room. */
  void request(int stream, String method, int flags, byte[] message, String... headers)
      throws IOException {
    send(call(stream, method, headers));
    data(stream, flags, message);
  }

  /** Sends data of a call as fast as the window of the connection allows. */
  void data(int stream, int flags, byte[] data) throws IOException {
    for (int from = 0; from < data.length; from += LARGEST_FRAME) {
      int to = Math.min(data.length, from + LARGEST_FRAME);
      while (window < to - from) {
        window += ByteBuffer.wrap(peer.await(WINDOW_UPDATE, 0).payload()).getInt();
      }
      send(frame(DATA, to == data.length ? flags : 0, stream, Arrays.copyOfRange(data, from, to)));
      window -= to - from;
    }
  }

  /** Asks about a service, in a call of health. */
  void ask(int stream, String method, String service) throws IOException {
    request(stream, method, END_STREAM, question(service));
  }

  /** Encodes the message that asks about a service. */
  static byte[] question(String service) {
    byte[] question = HealthCheckRequest.newBuilder().setService(service).build().toByteArray();
    return message(false, question.length, question);
  }

  /**
   * Encodes the question about an unknown service of such a name, compressed: a hundred bytes.
   *
   * @param last the end of the name
   */
  static byte[] compressedQuestion(int length, String last) throws IOException {
    String name = "\u00e9".repeat((length - last.length()) / 2) + last;
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      HealthCheckRequest.newBuilder().setService(name).build().writeTo(gzip);
    }
    return message(true, bytes.size(), bytes.toByteArray());
  }

  /** Repeats bytes up to a size. */
  static byte[] fill(int size, byte[] bytes) {
    var all = new ByteArrayOutputStream();
    while (all.size() + bytes.length <= size) {
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  @Override
  public void close() throws IOException {
    peer.close();
  }
}
