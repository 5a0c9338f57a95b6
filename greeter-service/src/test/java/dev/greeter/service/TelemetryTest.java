package dev.greeter.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.api.GreeterGrpc;
import dev.greeter.api.GreetingRequest;
import dev.greeter.service.fixture.OtlpReceiver;
import dev.greeter.service.fixture.TextService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What leaves the whole service, at a real receiver. */
class TelemetryTest {

  private static final String SECRET = "marker-of-the-secret";
  private static final String PREVIOUS = "marker-of-the-previous-secret";
  private static final String GUESS = "marker-of-a-guess";
  private static final String NAME = "marker-of-a-name";
  private static final MethodDescriptor<String, String> UNKNOWN =
      TextService.method(MethodType.UNARY, "tutorial.Greeter/Unknown");

  @AutoClose private final OtlpReceiver receiver = new OtlpReceiver();

  @Test
  void tellsEachCallByMethodAndStatus() {
    callInEveryWay();

    assertThat(counts("grpc.server.call.duration"))
        .containsEntry("tutorial.Greeter/Greet OK", 3L)
        .containsEntry("tutorial.Greeter/Greet UNAUTHENTICATED", 3L)
        .containsEntry("other UNIMPLEMENTED", 1L);
    assertThat(receiver.spans())
        .extracting(Span::getName, span -> span.getStatus().getCode())
        .filteredOn(span -> span.toString().contains("Greet,"))
        .hasSize(0);
  }

  private void callInEveryWay() {
    Map<String, String> variables = new HashMap<>(receiver.variables());
    variables.put("GREETER_AUTH_VALUE", SECRET);
    variables.put("GREETER_AUTH_PREVIOUS_VALUE", PREVIOUS);
    try (var service = new RunningService(variables)) {
      greet(service, "authorization", SECRET, Code.OK);
      greet(service, "authorization", SECRET, Code.OK);
      greet(service, "authorization", PREVIOUS, Code.OK);
      greet(service, "authorization", GUESS, Code.UNAUTHENTICATED);
      greet(service, "authorization", GUESS, Code.UNAUTHENTICATED);
      greet(service, "x-other", GUESS, Code.UNAUTHENTICATED);
      assertThat(service.call(UNKNOWN, "", "authorization", SECRET).getCode())
          .isEqualTo(Code.UNIMPLEMENTED);
    }
    System.out.println(receiver.traces());
    System.out.println(receiver.metrics());
  }

  private static void greet(RunningService service, String header, String value, Code expected) {
    var request = GreetingRequest.newBuilder().setName(NAME).build();
    assertThat(service.call(GreeterGrpc.getGreetMethod(), request, header, value).getCode())
        .isEqualTo(expected);
  }

  /** Returns the number of calls by method and status, as it was when the service ended. */
  private Map<String, Long> counts(String histogram) {
    List<Metric> all = receiver.metric(histogram);
    return all.get(all.size() - 1).getHistogram().getDataPointsList().stream()
        .collect(
            Collectors.toMap(
                point -> values(point.getAttributesList()), point -> point.getCount()));
  }

  private static String values(List<KeyValue> attributes) {
    return attributes.stream()
        .map(attribute -> attribute.getValue().getStringValue())
        .collect(Collectors.joining(" "));
  }
}
