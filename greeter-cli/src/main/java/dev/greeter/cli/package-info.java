@org.jspecify.annotations.NullMarked
package dev.greeter.cli;
