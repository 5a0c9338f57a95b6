package dev.greeter.cli.call;

import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.springframework.stereotype.Component;

/** Opens channels, and keeps them, so that a shell connects once to each server. */
@Component
public class Channels {

  private final GrpcChannelFactory factory;

  /**
   * Creates it.
   *
   * @param factory the starter's, which puts the secret on every channel
   */
  public Channels(GrpcChannelFactory factory) {
    this.factory = factory;
  }

  /**
   * Returns the channel to a service.
   *
   * @param target the service, and the headers of every call
   * @param interceptors what else every call goes through
   */
  public Channel to(Target target, ClientInterceptor... interceptors) {
    List<ClientInterceptor> all = new ArrayList<>(List.of(interceptors));
    if (!target.headers().keys().isEmpty()) {
      all.add(MetadataUtils.newAttachHeadersInterceptor(target.headers()));
    }
    return factory.createChannel(name(target), all);
  }

  /** The channel's name is its address: a URI, in which the brackets of IPv6 are escaped. */
  private static String name(Target target) {
    try {
      return new URI("dns", "", "/" + target.server(), null).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
