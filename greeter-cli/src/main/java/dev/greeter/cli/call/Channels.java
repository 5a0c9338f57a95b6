package dev.greeter.cli.call;

import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Opens channels, and keeps them, so that a shell connects once to each server; and once more when
 * the files for TLS have changed.
 */
@Component
public class Channels {

  private final GrpcChannelFactory factory;
  private final TlsFiles files;

  /**
   * Creates it.
   *
   * @param factory the starter's, which puts the secret on every channel
   * @param files what TLS is made from
   */
  public Channels(GrpcChannelFactory factory, TlsFiles files) {
    this.factory = factory;
    this.files = files;
  }

  /**
   * Returns the channel to a service.
   *
   * @param target the service, and the headers of every call
   * @param interceptors what else every call goes through
   * @throws dev.greeter.cli.error.UsageException if the files for TLS cannot be used
   */
  public Channel to(Target target, ClientInterceptor... interceptors) {
    List<ClientInterceptor> all = new ArrayList<>();
    if (!target.headers().keys().isEmpty()) {
      all.add(MetadataUtils.newAttachHeadersInterceptor(target.headers()));
    }
    all.addAll(List.of(interceptors));
    all.add(new Reconnect(target.waits() ? target.timeout() : Duration.ZERO));
    String name = name(target, files.version());
    try {
      return factory.createChannel(name, all);
    } catch (IllegalArgumentException e) {
      throw files.refused(e);
    }
  }

  /**
   * The channel's name is its address: a URI, in which the brackets of IPv6 are escaped. Its
   * fragment, which is of no meaning to gRPC, makes another channel of it.
   */
  private static String name(Target target, @Nullable String version) {
    try {
      return new URI("dns", "", "/" + target.server(), version).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
