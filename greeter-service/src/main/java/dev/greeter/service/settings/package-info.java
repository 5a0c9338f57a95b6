/** The messages for a setting that cannot be used. */
@NullMarked
package dev.greeter.service.settings;

import org.jspecify.annotations.NullMarked;
