/** The gRPC server around the services: reflection, and calls to methods that do not exist. */
@NullMarked
package dev.greeter.service.server;

import org.jspecify.annotations.NullMarked;
