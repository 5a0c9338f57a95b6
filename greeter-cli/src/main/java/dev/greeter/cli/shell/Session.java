package dev.greeter.cli.shell;

import java.io.PrintWriter;
import org.springframework.shell.core.InputReader;

/**
 * What a command talks to.
 *
 * @param input where it reads what it asks for
 * @param out takes results, and nothing else
 * @param err takes everything else
 */
record Session(InputReader input, PrintWriter out, PrintWriter err) {}
