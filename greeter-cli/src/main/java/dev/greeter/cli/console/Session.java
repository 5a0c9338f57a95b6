package dev.greeter.cli.console;

import java.io.PrintWriter;
import java.util.function.UnaryOperator;
import org.springframework.shell.core.InputReader;

/**
 * What a command talks to.
 *
 * @param input where it reads what it asks for
 * @param out takes results, and nothing else
 * @param err takes everything else
 * @param alarm makes an error stand out, where there are colours
 */
public record Session(
    InputReader input, PrintWriter out, PrintWriter err, UnaryOperator<String> alarm) {}
