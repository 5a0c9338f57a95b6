@NullMarked
package dev.greeter.service.health;

import org.jspecify.annotations.NullMarked;
