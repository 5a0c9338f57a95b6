package dev.greeter.cli.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import dev.greeter.cli.console.Output;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import java.util.ArrayList;
import java.util.List;

/** Whatever a service says beside a status. */
class StatusDetailsFuzzTest {

  private static final String[] TYPES = {
    "type.googleapis.com/",
    "/",
    "google.rpc.",
    "RetryInfo",
    "BadRequest",
    "ErrorInfo",
    "QuotaFailure",
    "DebugInfo",
    "google.protobuf.",
    "Any",
    "Duration"
  };

  @Property
  void isShownOrPassedOver(Input input) {
    List<Any> details = new ArrayList<>();
    int number = input.below(3);
    for (int i = 0; i < number; i++) {
      details.add(retry(input));
    }
    String type =
        input.pick("", "type.googleapis.com/google.rpc.", "type.googleapis.com/google.protobuf.")
            + input.text(TYPES);
    details.add(
        Any.newBuilder().setTypeUrl(type).setValue(ByteString.copyFrom(input.bytes())).build());

    // 10,000 years, which is where protobuf's range ends.
    assertThat(StatusDetails.retrySeconds(details)).isLessThan(315_576_000_002L);
    String fields = Output.line(StatusDetails.fields(details));
    assertThat(JsonParser.parseString(fields).getAsJsonObject().getAsJsonArray("details"))
        .hasSameSizeAs(details);
  }

  private static Any retry(Input input) {
    long seconds = input.pick(input.number(), 999_999_999_999_999L, Long.MAX_VALUE, 5L, -5L);
    int nanos = input.pick((int) input.number(), 0, -7, Integer.MAX_VALUE);
    var delay = Duration.newBuilder().setSeconds(seconds).setNanos(nanos);
    return Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build());
  }
}
