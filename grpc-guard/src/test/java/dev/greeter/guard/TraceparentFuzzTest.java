package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.greeter.guard.fixture.InProcessGrpc;
import dev.greeter.guard.fixture.Input;
import dev.greeter.guard.fixture.Property;
import dev.greeter.guard.fixture.TextService;
import io.grpc.MethodDescriptor.MethodType;
import org.junit.jupiter.api.AfterEach;
import org.slf4j.LoggerFactory;

/** Tests any traceparent of a caller. */
class TraceparentFuzzTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.greeter.guard.AccessLog");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Guard guard =
      Guard.builder(Secrets.of("42")).openServices(TextService.NAME).accessLog(1, 10, 10).build();
  private final InProcessGrpc grpc = new InProcessGrpc(guard, TextService.echo());

  TraceparentFuzzTest() {
    logger.setAdditive(false);
    logger.addAppender(lines);
    lines.start();
  }

  @AfterEach
  void close() throws Exception {
    logger.setAdditive(true);
    logger.detachAppender(lines);
    grpc.close();
  }

  @Property
  void answersCallAndLogsOnlyValidTraceId(Input input) {
    String traceparent =
        input.text("00", "-", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01", "ff");

    assertThat(grpc.send(MethodType.UNARY, "traceparent", traceparent).allMessages()).hasSize(1);
    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getKeyValuePairs())
        .filteredOn(pair -> pair.key.equals("trace_id"))
        .allSatisfy(pair -> assertThat((String) pair.value).matches("[0-9a-f]{32}"))
        .allSatisfy(pair -> assertThat(traceparent).startsWith("00-" + pair.value + "-"));
    lines.list.clear();
  }
}
