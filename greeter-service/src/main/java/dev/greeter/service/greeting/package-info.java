@NullMarked
package dev.greeter.service.greeting;

import org.jspecify.annotations.NullMarked;
