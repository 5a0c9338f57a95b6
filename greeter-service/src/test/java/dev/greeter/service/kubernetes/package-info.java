/** What {@code deploy/kubernetes} says, against what the program, its image and Compose say. */
@NullMarked
package dev.greeter.service.kubernetes;

import org.jspecify.annotations.NullMarked;
