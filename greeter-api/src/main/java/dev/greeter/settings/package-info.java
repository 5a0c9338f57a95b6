/** Reports invalid settings in both programs. Requires Spring Boot. */
@NullMarked
package dev.greeter.settings;

import org.jspecify.annotations.NullMarked;
