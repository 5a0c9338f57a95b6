package dev.greeter.cli.call;

import com.google.common.base.Throwables;
import dev.greeter.cli.console.Printable;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in plain words why TLS with a server has failed, and what to do. */
final class TlsFailure {

  private static final String VARIABLE = "GRPC_CLIENT_GLOBAL_SECURITY_";

  private TlsFailure() {}

  /**
   * Tells a failure.
   *
   * @param cause why a call failed
   * @param server address that was called
   * @return two lines for the user; null if TLS has nothing to do with it
   */
  static @Nullable String of(@Nullable Throwable cause, String server) {
    List<Throwable> causes = cause == null ? List.of() : Throwables.getCausalChain(cause);
    Throwable tls = causes.stream().filter(SSLException.class::isInstance).findFirst().orElse(null);
    if (tls == null) {
      return null;
    }
    Throwable root = causes.get(causes.size() - 1);
    if (root instanceof NotSslRecordException) {
      return """
      The server at %s does not answer TLS, which this client uses.
      Set GRPC_CLIENT_GLOBAL_NEGOTIATION_TYPE=plaintext, or check the port.\
      """
          .formatted(server);
    }
    String reason = Printable.of(String.valueOf(root.getMessage()));
    if (root instanceof CertificateExpiredException
        || root instanceof CertificateNotYetValidException) {
      return """
      The certificate of the service at %s is out of date: %s
      Have it renewed; the log of the service, and this machine's clock, may say more.\
      """
          .formatted(server, reason);
    }
    if (root instanceof CertPathBuilderException || root instanceof CertPathValidatorException) {
      return """
      The certificate of the service at %s is not signed by a CA that this client trusts: %s
      Set %sTRUST_CERT_COLLECTION to the CA's certificate, such as file:/certificates/ca.pem.\
      """
          .formatted(server, reason, VARIABLE);
    }
    if (root instanceof CertificateException) {
      return """
      The certificate of the service at %s is for other names: %s
      Use one of those in --server or GREETER_SERVER, or set %sAUTHORITY_OVERRIDE to it.\
      """
          .formatted(server, reason, VARIABLE);
    }
    if (reason.contains("Received fatal alert: ") && reason.contains("certificate")) {
      return """
      The service at %s wants a certificate of this client, or refuses the one it has: %s
      Set %sCLIENT_AUTH_ENABLED=true, and %sCERTIFICATE_CHAIN and %sPRIVATE_KEY to files in PEM.\
      """
          .formatted(server, reason, VARIABLE, VARIABLE, VARIABLE);
    }
    return """
    TLS with the server at %s has failed: %s
    Check the port; the command status looks for the reason.\
    """
        .formatted(server, reason);
  }
}
