package dev.weir.it.client;

import static org.awaitility.Awaitility.await;

import dev.weir.client.SubscriberListener;
import dev.weir.client.WeirException;
import dev.weir.v1.Gap;
import dev.weir.v1.GapReason;
import dev.weir.v1.Phase;
import dev.weir.v1.PhaseChange;
import dev.weir.v1.Progress;
import dev.weir.v1.SubscriptionStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Records what a subscriber's listener hears. Thread-safe. */
class RecordingListener implements SubscriberListener {
  private final List<Gap> gaps = new ArrayList<>();
  private final List<Phase> phases = new ArrayList<>();
  private Progress progress = Progress.getDefaultInstance();
  private int active;
  private int disconnects;

  @Override
  public synchronized void onActive(SubscriptionStatus status) {
    active++;
  }

  @Override
  public synchronized void onGap(Gap gap) {
    gaps.add(gap);
  }

  @Override
  public synchronized void onPhase(PhaseChange phase) {
    phases.add(phase.getPhase());
  }

  @Override
  public synchronized void onProgress(Progress message) {
    progress = message;
  }

  @Override
  public synchronized void onDisconnected(WeirException cause, Duration retryIn) {
    disconnects++;
  }

  private synchronized int active() {
    return active;
  }

  private synchronized Progress progress() {
    return progress;
  }

  synchronized int disconnects() {
    return disconnects;
  }

  synchronized List<Phase> phases() {
    return List.copyOf(phases);
  }

  synchronized long count(Phase phase) {
    return phases.stream().filter(phase::equals).count();
  }

  synchronized long missing() {
    return gaps.stream().mapToLong(Gap::getReadings).sum();
  }

  synchronized Set<GapReason> reasons() {
    Set<GapReason> reasons = new TreeSet<>();
    gaps.forEach(gap -> reasons.add(gap.getReason()));
    return reasons;
  }

  void awaitActive() {
    await("the subscription is added").until(() -> active() > 0);
  }

  void awaitPhase(Phase phase) {
    await("phase " + phase).until(() -> count(phase) > 0);
  }

  void awaitProgress(Predicate<Progress> such) {
    await("progress").until(() -> such.test(progress()));
  }
}
