/** What all calls have in common: where they go, with what, and how their failures are told. */
@NullMarked
package dev.greeter.cli.call;

import org.jspecify.annotations.NullMarked;
