/** What is said of a setting that cannot be used. */
@NullMarked
package dev.greeter.guard.setting;

import org.jspecify.annotations.NullMarked;
