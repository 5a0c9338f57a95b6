/** The messages for invalid settings. */
@NullMarked
package dev.greeter.service.settings;

import org.jspecify.annotations.NullMarked;
