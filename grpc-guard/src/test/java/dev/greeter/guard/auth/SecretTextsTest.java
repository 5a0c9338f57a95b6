package dev.greeter.guard.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.guard.file.BoundedFile;
import dev.greeter.guard.fixture.Texts;
import dev.greeter.guard.setting.InvalidSettingException;
import java.net.InetAddress;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Files of secrets that hold anything, and addresses that a secret may go to. */
class SecretTextsTest {

  private static final BoundedFile FILE = new BoundedFile("a.file", "marker", 1_000, "a file");

  private static final String[] LINES = {
    "ada ",
    "bob ",
    "marker-of-ada",
    "marker",
    "sha256:",
    "0".repeat(64),
    "f".repeat(63),
    "g",
    "\n",
    "\n",
    "\r\n",
    "#",
    " ",
    "\t",
    "2027-01-31",
    "2027-02-30",
    "2027-01-31T12:00:00Z",
    "T",
    "99999"
  };

  @Test
  void areRefusedByTheirLineOrSecretsOfClients() {
    Texts.check(
        text -> {
          if (isAccepted(text, bytes -> ClientsFile.parse(FILE, bytes))) {
            var read = ClientsFile.parse(FILE, text.getBytes(UTF_8)).all();
            long lines = text.lines().filter(line -> !line.isBlank()).count();
            assertThat((long) read.size()).isLessThanOrEqualTo(lines);
            assertThat(read).allMatch(credential -> credential.client() != null);
          }
        },
        LINES);
  }

  @Test
  void areRefusedOrOneSecretOrTwo() {
    Texts.check(
        text -> {
          if (isAccepted(text, bytes -> Secrets.parse(FILE, bytes))) {
            var read = Secrets.parse(FILE, text.getBytes(UTF_8));
            assertThat(read.all()).hasSizeBetween(1, 2);
            assertThat(new String(text.getBytes(UTF_8), UTF_8)).startsWith(read.current());
          }
        },
        LINES);
  }

  /** What is written line by line comes back. */
  @Test
  void areThoseThatWereWritten() {
    Texts.check(
        text -> {
          Map<String, String> secrets = new TreeMap<>();
          for (int i = 0; i < text.length(); i++) {
            secrets.put("client-" + (int) text.charAt(i), "marker-" + (int) text.charAt(i));
          }
          if (secrets.isEmpty()) {
            return;
          }
          String file =
              secrets.entrySet().stream()
                  .map(entry -> entry.getKey() + " " + entry.getValue())
                  .collect(joining("\n"));
          var read = ClientsFile.parse(FILE, file.getBytes(ISO_8859_1));
          assertThat(read.all()).hasSameSizeAs(secrets.keySet());
          assertThat(secrets)
              .allSatisfy(
                  (client, secret) ->
                      assertThat(read.get(Credentials.digest(secret)))
                          .returns(client, Credential::client));
        },
        "a",
        "b",
        "c");
  }

  @Test
  void goToNoAddressThatIsNotLoopback() {
    var guard =
        new PlaintextGuard(
            IllegalStateException::new,
            name -> new InetAddress[] {InetAddress.getLoopbackAddress()});
    Texts.check(
        authority -> {
          try {
            guard.check(authority);
          } catch (IllegalStateException | IllegalArgumentException refused) {
            return;
          }
          assertThat(authority).containsPattern("(?i)localhost|127\\.|::1|::ffff:7f");
        },
        "localhost",
        "LOCALHOST.",
        ".",
        ":",
        "[",
        "]",
        "127.0.0.1",
        "127.1",
        "::1",
        "::ffff:",
        "192.0.2.1",
        "x",
        "50051");
  }

  private interface Reader {
    Object read(byte[] content);
  }

  private static boolean isAccepted(String text, Reader reader) throws Exception {
    return Texts.isAccepted(
        InvalidSettingException.class, text, content -> reader.read(content.getBytes(UTF_8)));
  }
}
