package dev.weir.service.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.state.StateTable.Transition;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StateTableTest {
  private enum Door {
    OPEN,
    SHUT
  }

  private enum Push {
    GENTLE,
    HARD
  }

  private final StateTable<Door, Push> table =
      StateTable.of(Door.class, Push.class)
          .allow(Door.OPEN, Push.GENTLE, Door.SHUT)
          .allow(Door.SHUT, Push.HARD, Door.OPEN)
          .build();

  @Test
  void allowedTransition_leadsToItsState() {
    assertThat(table.next(Door.OPEN, Push.GENTLE)).isEqualTo(Door.SHUT);
    assertThat(table.allows(Door.SHUT, Push.HARD)).isTrue();
  }

  @Test
  void missingTransition_namesStateAndEvent() {
    assertThat(table.allows(Door.SHUT, Push.GENTLE)).isFalse();
    assertThatThrownBy(() -> table.next(Door.SHUT, Push.GENTLE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no transition from SHUT on GENTLE");
  }

  @Test
  void unvisited_areThoseNeverTaken() {
    assertThat(table.unvisited()).hasSize(2);
    table.next(Door.OPEN, Push.GENTLE);
    table.next(Door.OPEN, Push.GENTLE);
    assertThat(table.unvisited())
        .containsExactly(new Transition<>(Door.SHUT, Push.HARD, Door.OPEN));
  }

  @Test
  void sameStateAndEventTwice_isRefused() {
    var builder = StateTable.of(Door.class, Push.class).allow(Door.OPEN, Push.HARD, Door.SHUT);
    assertThatThrownBy(() -> builder.allow(Door.OPEN, Push.HARD, Door.OPEN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void eventAllowedFromOthers_isNotAllowedWhereItLeads() {
    var closing =
        StateTable.of(Door.class, Push.class).allowFromOthers(Push.HARD, Door.SHUT).build();
    assertThat(closing.transitions())
        .containsExactly(new Transition<>(Door.OPEN, Push.HARD, Door.SHUT));
  }

  @Test
  void publishingSession_canEndFromEveryState() {
    for (PublishLifecycle state : PublishLifecycle.values()) {
      assertThat(PublishLifecycle.TABLE.allows(state, PublishLifecycle.Event.END))
          .as(state.name())
          .isEqualTo(state != PublishLifecycle.CLOSED);
    }
  }

  @Test
  void publishingSession_opensOnce() {
    assertThat(PublishLifecycle.TABLE.transitions())
        .filteredOn(transition -> transition.event() == PublishLifecycle.Event.OPEN)
        .extracting(Transition::from)
        .containsExactly(PublishLifecycle.WAIT_OPEN);
  }

  @Test
  void subscription_isActiveOnlyWhenResolvedAndEndsOnce() {
    assertThat(SubscriptionLifecycle.TABLE.transitions())
        .filteredOn(transition -> transition.to() == SubscriptionLifecycle.ACTIVE)
        .extracting(Transition::from)
        .containsExactly(SubscriptionLifecycle.RESOLVING);
    assertThat(
            SubscriptionLifecycle.TABLE.allows(
                SubscriptionLifecycle.ENDED, SubscriptionLifecycle.Event.END))
        .isFalse();
  }

  @Test
  void feed_canEndFromEveryState() {
    for (FeedLifecycle state : FeedLifecycle.values()) {
      assertThat(FeedLifecycle.TABLE.allows(state, FeedLifecycle.Event.END))
          .as(state.name())
          .isEqualTo(state != FeedLifecycle.ENDED);
    }
  }

  @Test
  void feed_catchesUpOnceUntilItFallsBehind() {
    Set<FeedLifecycle> live =
        EnumSet.of(FeedLifecycle.LIVE, FeedLifecycle.JOINING_LIVE, FeedLifecycle.LAGGING_LIVE);
    for (Transition<FeedLifecycle, FeedLifecycle.Event> one : FeedLifecycle.TABLE.transitions()) {
      boolean becomesLive = !live.contains(one.from()) && live.contains(one.to());
      boolean wasLive = live.contains(one.from()) && !live.contains(one.to());
      assertThat(becomesLive).as("%s", one).isEqualTo(one.event() == FeedLifecycle.Event.CATCH_UP);
      assertThat(wasLive && one.to() != FeedLifecycle.ENDED)
          .as("%s", one)
          .isEqualTo(one.event() == FeedLifecycle.Event.FALL_BEHIND);
    }
  }
}
