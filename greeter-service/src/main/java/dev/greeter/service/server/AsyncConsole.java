package dev.greeter.service.server;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Writes to the console from a separate thread and drops lines while 256 are waiting. Event loops
 * and the acceptor log, and must not stop when the console blocks, for example on an unread pipe.
 * Spring Boot 4.1 has no setting for this; it stops the thread with the process.
 */
@Component
class AsyncConsole {

  AsyncConsole() {
    var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    Appender<ILoggingEvent> console = root.getAppender("CONSOLE");
    if (console != null) { // It is absent if Logback is configured otherwise.
      var async = new AsyncAppender();
      async.setContext(root.getLoggerContext());
      async.setNeverBlock(true);
      // By default, it drops lines below warnings before the queue is full.
      async.setDiscardingThreshold(0);
      async.addAppender(console);
      async.start();
      root.addAppender(async);
      root.detachAppender(console);
    }
  }
}
