package dev.greeter.lab.attack;

import static dev.greeter.lab.Http2Frames.*;

import com.google.common.primitives.Bytes;
import dev.greeter.lab.AttackScenario;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers without the secret that make the service keep as much data as possible. */
class UnauthenticatedMemoryIT {

  private static final String[] GZIP = {"grpc-encoding", "gzip"};

  @RegisterExtension static final AttackScenario SERVICE = AttackScenario.withDefaults();

  /** The health service keeps the name of each watched service. */
  @ParameterizedTest
  @CsvSource({"200, 10", "100, 8000", "20, 60000"})
  void limitsWatchedServiceNames(int connections, int length) throws Exception {
    SERVICE.withstands(
        connections,
        peer ->
            peer.calls(
                100,
                stream -> {
                  String name = peer.localPort() + "-" + stream;
                  peer.ask(stream, WATCH, "x".repeat(length - name.length()) + name);
                }));
  }

  @ParameterizedTest
  @CsvSource({"60, 8192", "24, 65000"})
  void limitsMemoryOfIncompleteMessages(int connections, int length) throws Exception {
    byte[] most = message(false, length, new byte[length - 192]);
    SERVICE.withstands(
        connections, peer -> peer.calls(100, stream -> peer.request(stream, HEALTH, 0, most)));
  }

  /** Netty reads up to 64 KB at once; one byte of a message may retain all of it. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 999, " + PRIORITY + ", 5, " + HEALTH,
    "1, 20, 150, " + UNKNOWN + ", 1000, " + HEALTH,
    "10, 1, 300, " + UNKNOWN + ", 100, " + HEALTH,
    "10, 1, 300, " + UNKNOWN + ", 1000, " + CHAT,
  })
  void retainsOnlyNeededBytesOfEachRead(
      int connections, int calls, int bytes, int type, int length, String method) throws Exception {
    byte[] ignored = frame(type, 0, type == PRIORITY ? 1 : 0, new byte[length]);
    byte[] rest = repeat(60_000 / ignored.length, ignored);
    String[] headers = method.equals(CHAT) ? SECRET : new String[0];
    SERVICE.withstands(
        connections,
        peer -> {
          byte[] begin = message(false, 1_000);
          peer.calls(calls, stream -> peer.request(stream, method, 0, begin, headers));
          for (int i = 0; i < bytes; i++) {
            peer.calls(
                calls, stream -> peer.send(Bytes.concat(frame(DATA, 0, stream, (byte) 10), rest)));
          }
        });
  }

  /** Headers need no window: a caller that reads nothing receives all answers, with the name. */
  @Test
  void limitsMemoryOfUnreadAnswers() throws Exception {
    byte[] question = compressedQuestion("x".repeat(7_000));
    SERVICE.withstands(
        callers ->
            callers.deaf(
                60,
                peer ->
                    peer.calls(
                        100, stream -> peer.request(stream, HEALTH, END_STREAM, question, GZIP))));
  }

  /** The table lasts as long as the connection, and the peer sets its size. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void limitsHeaderTableSize(boolean fromTheStart) throws Exception {
    SERVICE.withstands(
        callers ->
            callers.silent(
                1,
                1,
                peer -> {
                  if (fromTheStart) {
                    peer.send(PREFACE);
                  } else {
                    peer.shakeHands();
                  }
                  peer.send(setting(HEADER_TABLE_SIZE, Integer.MAX_VALUE));
                  for (int batch = 0; batch < 1_500; batch++) {
                    int first = 20 * batch;
                    peer.send(calls(10, stream -> check(first + stream)));
                    peer.calls(10, stream -> peer.await(HEADERS, first + stream));
                  }
                }));
  }

  private static byte[] check(int stream) {
    byte[] question = compressedQuestion("x".repeat(6_900) + stream);
    return Bytes.concat(call(stream, HEALTH, GZIP), frame(DATA, END_STREAM, stream, question));
  }

  @ParameterizedTest
  @ValueSource(strings = {GREET, HEALTH})
  void limitsMemoryOfHeaders(String method) throws Exception {
    SERVICE.withstands(
        50,
        peer ->
            peer.send(calls(100, stream -> call(stream, method, "x-large", "x".repeat(7_500)))));
  }

  /** A hundred calls, with their headers, on each of the allowed connections. */
  @ParameterizedTest
  @CsvSource({"1500, 0", "400, 7500"})
  void limitsMemoryOfCallsOnAllConnections(int connections, int length) throws Exception {
    byte[] calls = calls(100, stream -> call(stream, HEALTH, "x-large", "x".repeat(length)));
    SERVICE.withstands(callers -> callers.each(connections, 200, peer -> peer.send(calls)));
  }

  @ParameterizedTest
  @ValueSource(ints = {HEADERS, UNKNOWN})
  void limitsMemoryOfIncompleteFrames(int type) throws Exception {
    byte[] headers = frame(HEADERS, 0, 1, headerBlock(HEALTH, "x-large", "x".repeat(7_500)));
    byte[] unknown = frame(UNKNOWN, 0, 0, new byte[LARGEST_FRAME]);
    byte[] half = type == HEADERS ? headers : Arrays.copyOf(unknown, unknown.length - 1);
    SERVICE.withstands(200, peer -> peer.send(half));
  }

  /** gRPC starts another call for the second headers and silently drops the first one. */
  @Test
  void retainsNoCallsWithRepeatedHeaders() throws Exception {
    byte[] calls =
        calls(100, stream -> Bytes.concat(call(stream, WATCH), emptyCall(stream, WATCH)));
    SERVICE.withstands(
        callers ->
            callers.repeat(
                20,
                20,
                peer -> {
                  peer.shakeHands().send(calls);
                  peer.await(HEADERS, 1);
                  peer.close();
                }));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "tutorial.Greeter/NoSuchMethod"
      })
  void rejectsCallsOutsideOpenServices(String method) throws Exception {
    SERVICE.withstands(100, peer -> peer.send(calls(100, stream -> call(stream, method))));
  }
}
