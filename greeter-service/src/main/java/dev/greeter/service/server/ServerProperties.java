package dev.greeter.service.server;

import dev.greeter.guard.setting.InvalidSettingException;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.system.JavaVersion;

/**
 * How the server runs handlers.
 *
 * @param executor on which threads
 */
@ConfigurationProperties("greeter.server")
record ServerProperties(Executor executor) {

  /** The threads on which handlers and interceptors run. */
  enum Executor {

    /**
     * The connections' own event loops: no change of threads, which costs more than a greeting. A
     * handler that waits, for a database or another service, holds up every call of its event loop.
     */
    DIRECT,

    /**
     * A virtual thread for each call (Java 21 and newer); handlers may wait. A greeting then costs
     * 1.7 times as much CPU time.
     */
    VIRTUAL,

    /**
     * gRPC's pool of threads, which grows with the calls that wait; handlers may wait. A greeting
     * then costs 3.5 times as much CPU time.
     */
    POOL
  }

  ServerProperties {
    if (executor == Executor.VIRTUAL
        && JavaVersion.getJavaVersion().isOlderThan(JavaVersion.TWENTY_ONE)) {
      throw new InvalidSettingException(
          "executor",
          "is virtual, but this is Java " + Runtime.version().feature(),
          "direct or pool, or run the service on Java 21 or newer");
    }
  }
}
