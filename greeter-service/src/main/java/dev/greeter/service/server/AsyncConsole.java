package dev.greeter.service.server;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Has a thread of its own write to the console, and drops lines while 256 wait for it: event loops
 * and the acceptor log, and would stop with a console that blocks, such as a pipe that nobody
 * reads. Spring Boot 4.1 has no setting for it; it ends the thread with the process.
 */
@Component
class AsyncConsole {

  AsyncConsole() {
    var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    Appender<ILoggingEvent> console = root.getAppender("CONSOLE");
    if (console != null) { // Or else somebody has configured Logback.
      var async = new AsyncAppender();
      async.setContext(root.getLoggerContext());
      async.setNeverBlock(true);
      // By default lines go that are not warnings, before it is full.
      async.setDiscardingThreshold(0);
      async.addAppender(console);
      async.start();
      root.addAppender(async);
      root.detachAppender(console);
    }
  }
}
