package dev.greeter.lab.proxy;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.greeter.guard.fixture.FreePort;
import dev.greeter.lab.ServiceContainer;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The server that clients connect to: the service, or a proxy in front of it. */
final class Front implements AutoCloseable {

  /** The proxies' source address, which differs from a probe's. */
  static final String PROXY = "127.0.0.2";

  private static final Path CONFIGURATIONS = Path.of("../deploy/proxies");

  /** Debian's nginx.conf around a file in conf.d, with other file locations. */
  private static final String NGINX =
      """
      user root;
      daemon off;
      pid %1$s/pid;
      error_log stderr;
      worker_processes auto;
      events { worker_connections 768; }
      http {
        access_log off;
        client_body_temp_path %1$s;
        proxy_temp_path %1$s;
        fastcgi_temp_path %1$s;
        uwsgi_temp_path %1$s;
        scgi_temp_path %1$s;
        %2$s
      }
      """;

  /** The kinds of servers. */
  enum Kind {
    /** The service itself. */
    DIRECT,
    /** nginx, which adds {@code x-forwarded-for}. */
    NGINX,
    /** HAProxy, which adds {@code x-forwarded-for}. */
    HAPROXY_HTTP2,
    /** HAProxy, which starts each connection with a PROXY protocol header. */
    HAPROXY_TCP
  }

  private final int port;
  private final Path directory;
  private final @Nullable Process process;

  private Front(int port, Path directory, @Nullable Process process) {
    this.port = port;
    this.directory = directory;
    this.process = process;
  }

  /** Starts a proxy with its configuration in {@code deploy/proxies}. */
  static Front start(Kind kind, ServiceContainer... replicas) throws Exception {
    Path directory = Files.createTempDirectory("proxy");
    if (kind == Kind.DIRECT) {
      return new Front(replicas[0].port(), directory, null);
    }
    int port = FreePort.find();
    String configuration =
        switch (kind) {
          case NGINX -> NGINX.formatted(directory, read("nginx.conf"));
          case HAPROXY_HTTP2 -> read("haproxy.cfg");
          default ->
              read("haproxy.cfg").replaceFirst("(?s)\nfrontend.*", "\n") + read("haproxy-tcp.cfg");
        };
    configuration =
        configuration
            .replaceAll("(listen |bind :)8080", "$1" + port)
            .replace("grpc_pass ", "grpc_bind " + PROXY + "; grpc_pass ")
            .replaceAll("(?m)^  server (one|two) .*$", "$0 source " + PROXY)
            .replace("greeter-service:50051", address(replicas[0]))
            .replace("greeter-service-1:50051", address(replicas[0]));
    configuration =
        replicas.length > 1
            ? configuration.replace("greeter-service-2:50051", address(replicas[1]))
            : configuration.replaceAll("(?m)^.*greeter-service-2:50051.*$", "");
    Path file = Files.writeString(directory.resolve("configuration"), configuration);
    var command =
        kind == Kind.NGINX
            ? List.of("nginx", "-c", file.toString())
            : List.of("haproxy", "-db", "-f", file.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    var front = new Front(port, directory, process);
    front.awaitStart();
    return front;
  }

  private static String read(String file) throws IOException {
    return Files.readString(CONFIGURATIONS.resolve(file));
  }

  private static String address(ServiceContainer replica) {
    return "127.0.0.1:" + replica.port();
  }

  private void awaitStart() throws Exception {
    for (int i = 0; i < 100; i++) {
      try (var up = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException notYet) {
        Thread.sleep(100);
      }
    }
    String output = Files.readString(directory.resolve("output"));
    throw new IllegalStateException("The proxy does not listen: " + output);
  }

  /** Returns a new channel from an address of this machine, with its own connections. */
  ManagedChannel channelFrom(String address) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .usePlaintext()
        .disableRetry()
        .localSocketPicker(
            new NettyChannelBuilder.LocalSocketPicker() {
              @Override
              public SocketAddress createSocketAddress(SocketAddress to, Attributes any) {
                return new InetSocketAddress(address, 0);
              }
            })
        .build();
  }

  @Override
  public void close() throws Exception {
    if (process != null) {
      process.destroy();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
  }
}
