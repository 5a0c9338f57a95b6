/** Compares {@code deploy/kubernetes} with the program, its image and Compose. */
@NullMarked
package dev.greeter.service.kubernetes;

import org.jspecify.annotations.NullMarked;
