package dev.greeter.guard.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.logging.LoggingSystem;

/** Tests the log of an application that logs everything. */
class LoggingDefaultsTest {

  private static final Logger FRAMES = LoggerFactory.getLogger("io.grpc.netty.NettyServerHandler");
  private static final Logger SHADED =
      LoggerFactory.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyClientHandler");
  private static final Logger OTHERS = LoggerFactory.getLogger("io.grpc.netty.Other");

  @AfterEach
  void reset() {
    LoggingSystem.get(getClass().getClassLoader()).cleanUp();
  }

  @Test
  void suppressesFrameLogsAtTraceLevel() {
    run("--logging.level.root=trace");
    assertThat(OTHERS.isTraceEnabled()).isTrue();
    assertThat(FRAMES.isErrorEnabled()).isFalse();
    assertThat(SHADED.isErrorEnabled()).isFalse();
  }

  @Test
  void allowsExplicitFrameLogging() {
    run("--logging.level.io.grpc.netty.NettyServerHandler=debug");
    assertThat(FRAMES.isDebugEnabled()).isTrue();
  }

  private static void run(String argument) {
    var application = new SpringApplication(LoggingDefaultsTest.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.run(argument, "--spring.main.banner-mode=off").close();
  }
}
