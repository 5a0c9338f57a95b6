/** What a caller, and whoever starts the service, is told when something fails. */
@NullMarked
package dev.greeter.service.error;

import org.jspecify.annotations.NullMarked;
