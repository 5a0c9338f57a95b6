package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShownTest {

  private final Secrets secrets = Secrets.of("marker", "older marker");
  private final Shown last = Shown.of("marker", null, secrets);

  @Test
  void isTheLastIfItIsEqual() {
    assertThat(Shown.of("marker", last, secrets)).isSameAs(last);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "markes", "marker ", "MARKER", "marker-marker"})
  void isNothingIfItIsNot(String text) {
    assertThat(Shown.of(text, last, secrets)).returns(null, Shown::credential);
  }

  @Test
  void isAnotherSecretIfThatIsShown() {
    assertThat(Shown.of("older marker", last, secrets).credential())
        .returns(true, Credential::previous);
  }

  @Test
  void isNothingOnceTheSecretsAreOthers() {
    assertThat(Shown.of("marker", last, Secrets.of("another"))).returns(null, Shown::credential);
  }

  @Test
  void isWhatTheSecretsSayNow() {
    assertThat(Shown.of("marker", last, Secrets.of("another", "marker")).credential())
        .returns(true, Credential::previous);
  }

  @Test
  void isNotShown() {
    assertThat(last).asString().doesNotContain("marker").doesNotContain("6d61", "109, 97");
  }
}
