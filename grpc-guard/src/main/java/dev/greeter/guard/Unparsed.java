package dev.greeter.guard;

import io.grpc.MethodDescriptor;
import java.io.InputStream;

/** Hands a message on as it comes: its stream is open until the listener has had it. */
enum Unparsed implements MethodDescriptor.Marshaller<InputStream> {
  /** The one there is. */
  MARSHALLER;

  @Override
  public InputStream stream(InputStream message) {
    return message;
  }

  @Override
  public InputStream parse(InputStream message) {
    return message;
  }
}
