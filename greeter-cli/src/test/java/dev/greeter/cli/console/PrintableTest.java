package dev.greeter.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a terminal gets to see of what a service sends. */
class PrintableTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Hello Ada!",
        "Zo\u00eb",
        "\u05e9\u05dc\u05d5\u05dd",
        "👩🏽💻",
        "a\\b",
        "private \ue000 \udb80\udc00",
        "unassigned \u0378 \uffff"
      })
  void leavesTextAsItIs(String text) {
    assertThat(Printable.of(text)).isEqualTo(text);
  }

  @Test
  void showsEscapeSequencesInPlaceOfExecutingThem() {
    assertThat(Printable.of("\033[2J\033]0;title\007 \u009b1m"))
        .isEqualTo("\\u001b[2J\\u001b]0;title\\u0007 \\u009b1m");
  }

  @Test
  void keepsAGreetingOnOneLine() {
    assertThat(Printable.of("a\nb\rc\u2028d\u2029e"))
        .isEqualTo("a\\u000ab\\u000dc\\u2028d\\u2029e");
  }

  @Test
  void showsChangesOfTheWritingDirection() {
    assertThat(Printable.of("\u202eadA\u202c \u2066x\u2069"))
        .isEqualTo("\\u202eadA\\u202c \\u2066x\\u2069");
  }

  /** Soft hyphens, marks of the writing direction, and what has no width. */
  @ParameterizedTest
  @ValueSource(ints = {0xad, 0x61c, 0x180e, 0x200b, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff, 0xfff9})
  void showsWhatNobodySees(int character) {
    assertThat(Printable.of("a" + Character.toString(character) + "b"))
        .isEqualTo("a\\u%04xb", character);
  }

  @Test
  void showsWhatNobodySeesBeyondTheFirstPlaneAsJsonDoes() {
    assertThat(Printable.of("a\udb40\udc41b")).isEqualTo("a\\udb40\\udc41b");
  }
}
