package dev.greeter.guard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CredentialsMemoryTest {

  private static final int COPIES = 10;

  /**
   * The most secrets and permissions, with the longest names, in nearly 2 MB: see the table in
   * SECURITY.md.
   */
  @Test
  void fitsTenThousandSecretsInFourMegabytes() {
    byte[] lines =
        IntStream.range(0, 10_000)
            .mapToObj(
                i ->
                    "n%063d sha256:%s 2999-01-31 test.C%041d"
                        .formatted(i, Credentials.digest("of " + i), i / 2))
            .collect(Collectors.joining("\n"))
            .getBytes(US_ASCII);
    var file = new BoundedFile("test.clients-file", "none", lines.length, "a file");
    List<Credentials> kept = new ArrayList<>();
    long before = used();
    for (int i = 0; i < COPIES; i++) {
      kept.add(Credentials.parse(file, lines, true));
    }
    long each = (used() - before) / COPIES;

    assertThat(kept).allSatisfy(credentials -> assertThat(credentials.byDigest()).hasSize(10_000));
    assertThat(each).isBetween(1_000_000L, 4_000_000L);
    System.out.println("10,000 named secrets take %,d bytes".formatted(each));
  }

  /** The smallest of several, since other test threads may temporarily use memory. */
  private static long used() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
