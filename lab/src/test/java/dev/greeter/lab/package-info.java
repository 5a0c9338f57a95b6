/** A container of the service's image, misbehaving clients, and clients that must be answered. */
@NullMarked
package dev.greeter.lab;

import org.jspecify.annotations.NullMarked;
