package dev.greeter.service.guard;

import dev.greeter.guard.AccessLog;
import dev.greeter.guard.RateLimit;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/**
 * The settings that are the guard's own.
 *
 * @param rateLimit how often an address may call
 * @param accessLog which calls have a line in the log
 */
@ConfigurationProperties("greeter")
record GuardProperties(
    @NestedConfigurationProperty RateLimit rateLimit,
    @NestedConfigurationProperty AccessLog accessLog) {}
