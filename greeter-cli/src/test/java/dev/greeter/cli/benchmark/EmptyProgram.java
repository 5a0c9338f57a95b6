package dev.greeter.cli.benchmark;

/** Does nothing, to measure the cost of any Java program. */
final class EmptyProgram {

  private EmptyProgram() {}

  /** Exits immediately. */
  public static void main(String[] args) {}
}
