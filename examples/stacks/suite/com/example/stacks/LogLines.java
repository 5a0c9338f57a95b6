package com.example.stacks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** The log lines of any library. */
final class LogLines extends AppenderBase<ILoggingEvent> {

  private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

  /** Starts to collect; starting Spring Boot would end it. */
  static LogLines collect() {
    if (!SLF4JBridgeHandler.isInstalled()) {
      SLF4JBridgeHandler.removeHandlersForRootLogger();
      SLF4JBridgeHandler.install();
    }
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    var lines = new LogLines();
    lines.setContext(root.getLoggerContext());
    lines.start();
    root.addAppender(lines);
    return lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    events.add(event);
  }

  /** Returns the lines at a level and above. */
  List<String> from(Level level) {
    return events.stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(level))
        .map(
            event ->
                "%s %s: %s %s"
                    .formatted(
                        event.getLevel(),
                        event.getLoggerName(),
                        event.getFormattedMessage(),
                        event.getThrowableProxy() == null
                            ? ""
                            : event.getThrowableProxy().getClassName()))
        .toList();
  }
}
