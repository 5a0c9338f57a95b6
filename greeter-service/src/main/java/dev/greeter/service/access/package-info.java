/** The access log: how calls end. */
@NullMarked
package dev.greeter.service.access;

import org.jspecify.annotations.NullMarked;
