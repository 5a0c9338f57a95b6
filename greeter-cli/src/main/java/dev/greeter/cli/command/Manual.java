package dev.greeter.cli.command;

/**
 * What a command says of itself.
 *
 * @param name the word that runs it
 * @param group the heading under which it is listed
 * @param summary what it is for, in a few words
 * @param usage what it takes, and what it does
 * @param examples command lines that work, each indented by two blanks
 */
public record Manual(String name, String group, String summary, String usage, String examples) {}
