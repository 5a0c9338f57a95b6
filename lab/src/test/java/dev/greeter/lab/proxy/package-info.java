/** nginx and HAProxy in front of the service, with the documented configurations. */
@NullMarked
package dev.greeter.lab.proxy;

import org.jspecify.annotations.NullMarked;
