/** The server around the services: its connections on Netty, TLS, reflection, start and stop. */
@NullMarked
package dev.greeter.service.server;

import org.jspecify.annotations.NullMarked;
