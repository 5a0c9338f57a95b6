/** How much of the service one client, or all of them, can take. */
@NullMarked
package dev.greeter.service.limit;

import org.jspecify.annotations.NullMarked;
