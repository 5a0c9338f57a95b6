/** Files whose content counts as it is now. */
@NullMarked
package dev.greeter.service.file;

import org.jspecify.annotations.NullMarked;
