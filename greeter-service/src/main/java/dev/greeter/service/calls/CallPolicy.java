package dev.greeter.service.calls;

import java.time.Duration;

/**
 * What the calls of a service may take. Those with the secret and those without have one each.
 *
 * @param maxRequestBytes how large a message of the client may be, on the wire
 * @param idle how long a call waits for the client's next message, or for its answer to be taken
 * @param maxCallsPerAddress calls that are open at once from one address
 * @param maxCalls calls that are open at once
 * @param maxDuration how long a call may last
 */
public record CallPolicy(
    int maxRequestBytes,
    Duration idle,
    int maxCallsPerAddress,
    int maxCalls,
    Duration maxDuration) {}
