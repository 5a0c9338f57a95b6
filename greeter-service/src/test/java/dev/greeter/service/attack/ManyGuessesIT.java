package dev.greeter.service.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.api.GreetingResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** The service, with a heap of 64 MB and all the named secrets that there may be, and guesses. */
@Timeout(value = 180, threadMode = ThreadMode.SEPARATE_THREAD)
class ManyGuessesIT {

  private static final int GUESSES = 100_000;
  private static final int AT_A_TIME = 50;
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private Path directory;
  private final Random random = new Random(42);
  private final Map<Code, Integer> answers = new ConcurrentHashMap<>();

  @Test
  void areAllRefusedAndLeaveNothingBehind() throws Exception {
    Path file = directory.resolve("clients");
    Files.write(file, (Iterable<String>) IntStream.range(0, 10_000).mapToObj(this::line)::iterator);
    try (var service = new AttackedService(Map.of("GREETER_AUTH_CLIENTS_FILE", file.toString()))) {
      service.withstands(0, () -> guess(service.port()));

      assertThat(answers).containsOnly(Map.entry(Code.UNAUTHENTICATED, GUESSES));
      assertThat(service.process().log()).noneMatch(line -> line.contains("guess"));
    }
  }

  /** The last has the secret of the well-behaved client. */
  private String line(int number) {
    return "client-%d sha256:%s".formatted(number, digest(number == 9_999 ? "42" : "of " + number));
  }

  private static String digest(String secret) {
    return Hashing.sha256().hashString(secret, US_ASCII).toString();
  }

  private void guess(int port) throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    var free = new Semaphore(AT_A_TIME);
    for (int i = 0; i < GUESSES; i++) {
      var headers = new Metadata();
      headers.put(HEADER, guess());
      free.acquire();
      ClientCall<GreetingRequest, GreetingResponse> call =
          channel.newCall(GreeterGrpc.getGreetMethod(), CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              answers.merge(status.getCode(), 1, Integer::sum);
              free.release();
            }
          },
          headers);
      call.request(1);
      call.sendMessage(GreetingRequest.getDefaultInstance());
      call.halfClose();
    }
    free.acquire(AT_A_TIME);
    channel.shutdownNow();
  }

  /** Something that is nearly right, or of what a thief of the file has, or nothing at all. */
  private String guess() {
    String number = Integer.toString(random.nextInt(9_999));
    return switch (random.nextInt(5)) {
      case 0 -> "42" + number;
      case 1 -> "of " + number + "-guess";
      case 2 -> digest("of " + number);
      case 3 -> "sha256:" + digest("42");
      default -> "guess-" + random.nextLong();
    };
  }
}
