package com.example.quotes;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Serves quotes to callers with the secret. */
@SpringBootApplication
class QuotesApplication {

  /** Serves until SIGTERM. */
  public static void main(String[] arguments) {
    SpringApplication.run(QuotesApplication.class, arguments);
  }
}
