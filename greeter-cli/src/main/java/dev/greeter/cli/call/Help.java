package dev.greeter.cli.call;

/**
 * What a command says of itself when it is asked for help.
 *
 * @param usage what the command takes and does, and the options that other commands do not have
 * @param examples command lines that work
 */
public record Help(String usage, String examples) {}
