package dev.greeter.cli.benchmark;

/** What any Java program costs: this one does nothing. */
final class EmptyProgram {

  private EmptyProgram() {}

  /** Ends at once. */
  public static void main(String[] args) {}
}
