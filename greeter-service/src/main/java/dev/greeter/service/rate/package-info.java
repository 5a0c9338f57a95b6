/** The rate limit: how often an address may call, and how often it may be wrong. */
@NullMarked
package dev.greeter.service.rate;

import org.jspecify.annotations.NullMarked;
