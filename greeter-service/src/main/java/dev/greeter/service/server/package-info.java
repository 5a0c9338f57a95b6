/**
 * The server around the services: where handlers run, reflection, what is told at start and stop.
 */
@NullMarked
package dev.greeter.service.server;

import org.jspecify.annotations.NullMarked;
