package dev.greeter.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which unauthenticated peer gives way to a newcomer. */
class StrangersTest {

  private final Strangers<Peer> strangers = new Strangers<>(3, 2, peer -> peer, peer -> false);

  @Test
  void keepWhatTheyHoldWhileThereIsRoom() {
    assertThat(strangers.add(peer("a"))).isNull();
    assertThat(strangers.add(peer("a"))).isNull();
    assertThat(strangers.add(peer("b"))).isNull();
    assertThat(strangers).hasSize(3);
  }

  @Test
  void giveWayToANewcomerOfTheirAddressFirst() {
    var other = peer("b");
    var oldest = peer("a");
    strangers.add(other);
    strangers.add(oldest);
    strangers.add(peer("a"));

    assertThat(strangers.add(peer("a"))).isSameAs(oldest);
    assertThat(strangers).hasSize(3).contains(other);
  }

  @Test
  void giveWayToANewcomerOfAnyAddressThen() {
    var oldest = peer("a");
    strangers.add(oldest);
    strangers.add(peer("b"));
    strangers.add(peer("c"));

    assertThat(strangers.add(peer("d"))).isSameAs(oldest);
    assertThat(strangers).hasSize(3);
  }

  @Test
  void shareNoLimitOfAnAddressIfTheyHaveNone() {
    for (int i = 0; i < 3; i++) {
      assertThat(strangers.add(new Peer(null))).isNull();
    }
    assertThat(strangers.add(new Peer(null))).isNotNull();
  }

  @Test
  void giveWayWhereTheMostIsHeld() {
    var oldestOfAll = peer("b");
    var oldestOfMost = peer("a");
    strangers.add(oldestOfAll);
    strangers.add(oldestOfMost);
    strangers.add(peer("a"));

    assertThat(strangers.add(peer("c"))).isSameAs(oldestOfMost);
  }

  @Test
  void giveWayAsTheyCameIfNobodyHoldsMuch() {
    var many = new Strangers<Peer>(20, 5, peer -> peer, peer -> false);
    var oldest = peer("0");
    String probes = "100";
    many.add(oldest);
    for (int i = 1; i < 19; i++) {
      many.add(peer("" + i));
    }
    many.add(peer(probes));
    assertThat(many.add(peer(probes))).isSameAs(oldest);
    for (int i = 0; i < 4; i++) {
      many.add(peer("1"));
    }
    assertThat(many.add(peer("200")))
        .isNotNull()
        .matches(ended -> ended.isFrom(peer("1").address()));
  }

  @Test
  void keepWhatTheyHoldOnceTheyHaveShownTheSecret() {
    var accepted = peer("a");
    strangers.add(accepted);
    strangers.add(peer("b"));
    strangers.add(peer("c"));
    accepted.accept(() -> true);

    assertThat(strangers.add(peer("d"))).isNull();
    assertThat(strangers.takeOldest(0, peer -> peer == accepted)).isNull();
  }

  @Test
  void giveWayInTheirTurnOnceTheirSecretIsRevoked() {
    var revoked = peer("a");
    strangers.add(revoked);
    strangers.add(peer("b"));
    strangers.add(peer("c"));
    revoked.accept(() -> false);
    assertThat(strangers.add(peer("d"))).isNull();

    revoked.recheck();
    assertThat(strangers.add(peer("e"))).isSameAs(revoked);
  }

  @Test
  void giveWayFirstWithWhatCanBeHeldOnTo() {
    Set<Peer> held = new HashSet<>();
    var some = new Strangers<Peer>(3, 2, peer -> peer, held::contains);
    var oldest = peer("a");
    var watch = peer("a");
    some.add(oldest);
    some.add(watch);
    held.add(watch);

    assertThat(some.add(peer("a"))).isSameAs(watch);
    assertThat(some.add(peer("a"))).isSameAs(oldest);
  }

  @Test
  void haveNothingToGiveIfThereIsNone() {
    assertThat(strangers.takeOldest(0, peer -> true)).isNull();
    strangers.add(peer("a"));
    assertThat(strangers.takeOldest(0, held -> held.isFrom(peer("b").address()))).isNull();
  }

  @Test
  void areForgottenOnce() {
    var held = peer("a");
    strangers.add(held);
    assertThat(strangers.remove(held)).isTrue();
    assertThat(strangers.remove(held)).isFalse();
  }

  /** Returns a stranger from a network of its own. */
  private static Peer peer(String network) {
    return new Peer(new InetSocketAddress("2001:db8:0:" + network + "::1", 1234));
  }
}
