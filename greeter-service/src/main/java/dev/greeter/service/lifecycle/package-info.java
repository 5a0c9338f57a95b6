/** What clients are told when the service starts and stops. */
@NullMarked
package dev.greeter.service.lifecycle;

import org.jspecify.annotations.NullMarked;
