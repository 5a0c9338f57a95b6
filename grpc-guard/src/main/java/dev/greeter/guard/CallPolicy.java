package dev.greeter.guard;

import java.time.Duration;

/**
 * What the calls of a service may take. Those with the secret and those without have one each.
 *
 * @param maxRequestBytes size of a message on the wire; 0 for the limit of the server alone
 * @param idle how long a call waits for the client; without the secret, for its answer to be taken,
 *     too
 * @param maxCallsPerAddress calls that are open at once from one address
 * @param maxCalls calls that are open at once
 * @param maxDuration how long a call may last
 */
record CallPolicy(
    int maxRequestBytes,
    Duration idle,
    int maxCallsPerAddress,
    int maxCalls,
    Duration maxDuration) {

  CallPolicy withMaxRequestBytes(int bytes) {
    return new CallPolicy(bytes, idle, maxCallsPerAddress, maxCalls, maxDuration);
  }

  CallPolicy withIdle(Duration newIdle) {
    return new CallPolicy(maxRequestBytes, newIdle, maxCallsPerAddress, maxCalls, maxDuration);
  }

  CallPolicy withCalls(int all, int perAddress) {
    return new CallPolicy(maxRequestBytes, idle, perAddress, all, maxDuration);
  }

  CallPolicy withMaxDuration(Duration duration) {
    return new CallPolicy(maxRequestBytes, idle, maxCallsPerAddress, maxCalls, duration);
  }
}
