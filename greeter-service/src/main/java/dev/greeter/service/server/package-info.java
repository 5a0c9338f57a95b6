/** The server around the services: TLS, reflection, the console, startup and shutdown. */
@NullMarked
package dev.greeter.service.server;

import org.jspecify.annotations.NullMarked;
