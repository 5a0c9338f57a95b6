/**
 * Files, such as those of secrets and certificates, that are read up to a limit, and again when
 * they change: nothing is restarted for it.
 */
@NullMarked
package dev.greeter.guard.file;

import org.jspecify.annotations.NullMarked;
