/** What a call may take of the service: how much, how long, and how many at a time. */
@NullMarked
package dev.greeter.service.calls;

import org.jspecify.annotations.NullMarked;
