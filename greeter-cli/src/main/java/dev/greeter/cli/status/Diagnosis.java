package dev.greeter.cli.status;

import com.google.common.net.HostAndPort;
import dev.greeter.cli.call.CallFailure;
import dev.greeter.cli.call.Target;
import dev.greeter.cli.error.CallException;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Finds out why no gRPC server answers: looks below gRPC, at the connection and at TLS. */
final class Diagnosis {

  private static final int MAX_WAIT_MILLIS = 2_000;

  private enum Answer {
    TLS,
    OTHER,
    NONE
  }

  private Diagnosis() {}

  /**
   * Explains a call that was not answered.
   *
   * @param status how it ended
   * @param target where it went
   * @param tls whether this client encrypts
   * @return the failure, with the next step
   */
  static CallException of(Status status, Target target, boolean tls) {
    HostAndPort server = target.server();
    Answer answer;
    try (Socket socket = new Socket()) {
      int wait = (int) Math.min(MAX_WAIT_MILLIS, Math.max(1, target.timeout().toMillis()));
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), wait);
      socket.setSoTimeout(wait);
      answer = answerToTls(socket, server);
    } catch (IOException e) {
      return CallFailure.of(status, target);
    }
    if (answer == Answer.TLS && tls) {
      // They disagree within TLS, as over a certificate.
      return CallFailure.of(status, target);
    }
    String message;
    if (answer == Answer.NONE && status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
      message =
          """
          The server at %s accepts connections, and answers nothing.
          It may hang, or be overloaded: look into its log, or restart it.\
          """;
    } else if (answer == Answer.TLS) {
      message =
          """
          The server at %s wants TLS, and this client does not use it.
          Set GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE=tls, or check the port.\
          """;
    } else if (tls) {
      message =
          """
          The server at %s does not answer TLS, which this client uses.
          Set GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE=plaintext, or check the port.\
          """;
    } else {
      message =
          """
          Something listens at %s, but it does not answer as a gRPC service does.
          Check the port, with --server host:port or GREETER_SERVER; a greeter-service has 50051.\
          """;
    }
    return new CallException(status, message.formatted(server));
  }

  /**
   * Says hello, and looks at the first two bytes of the answer: a handshake (22) or an alert (21)
   * of version 3.x (RFC 8446, section 5.1).
   */
  private static Answer answerToTls(Socket socket, HostAndPort server) throws IOException {
    try {
      SSLEngine engine =
          SSLContext.getDefault().createSSLEngine(server.getHost(), server.getPort());
      engine.setUseClientMode(true);
      ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), hello);
      socket.getOutputStream().write(hello.array(), 0, hello.position());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has a default SSLContext", e);
    }
    try {
      int type = socket.getInputStream().read();
      boolean tls = (type == 21 || type == 22) && socket.getInputStream().read() == 3;
      return tls ? Answer.TLS : Answer.OTHER;
    } catch (SocketTimeoutException e) {
      return Answer.NONE;
    } catch (IOException e) {
      // A reset: no answer to TLS either.
      return Answer.OTHER;
    }
  }
}
