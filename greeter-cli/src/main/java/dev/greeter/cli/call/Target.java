package dev.greeter.cli.call;

import com.google.common.net.HostAndPort;
import io.grpc.Metadata;
import java.time.Duration;

/**
 * Which service a command calls, and how.
 *
 * @param server address of the service
 * @param timeout deadline of each call; for {@code Chat}, of each answer
 * @param headers what every call carries beside the secret
 */
public record Target(HostAndPort server, Duration timeout, Metadata headers) {}
