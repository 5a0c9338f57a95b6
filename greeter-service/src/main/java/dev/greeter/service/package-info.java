@NullMarked
package dev.greeter.service;

import org.jspecify.annotations.NullMarked;
