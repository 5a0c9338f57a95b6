/** What is said of a setting that cannot be used, by both programs: it needs Spring Boot. */
@NullMarked
package dev.greeter.settings;

import org.jspecify.annotations.NullMarked;
