package dev.weir.it.contract.harness;

import dev.weir.v1.Credit;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * A publisher at full speed and a subscriber that takes a twentieth of it. Owned by the test's
 * thread.
 */
public final class OverloadRun {
  private static final int SENSORS = 5;
  private static final int SHARE = 20;

  private final TestTopic topic;
  private final NumberedPublisher numbers;
  private final RawSubscribeSession subscriber;

  /** An overload of a topic without readings. */
  public OverloadRun(TestTopic topic) {
    this.topic = topic;
    this.numbers = new NumberedPublisher(topic, SENSORS);
    this.subscriber = topic.subscriberOn(topic.server().newChannel());
  }

  /** The subscriber, whose subscription is the number 1. */
  public RawSubscribeSession subscriber() {
    return subscriber;
  }

  /** An audit of a subscription to everything. */
  public DeliveryAudit audit() {
    return audit(any -> true);
  }

  /** An audit of a subscription to some sensors. */
  public DeliveryAudit audit(Predicate<String> selected) {
    return new DeliveryAudit(topic, numbers, selected);
  }

  /** Returns the publisher. */
  public NumberedPublisher numbers() {
    return numbers;
  }

  /**
   * Publishes so many numbers to each partition, in batches. The subscription gets credit for a
   * twentieth of them meanwhile, and no bounds then; ends when it has accounted for everything, or
   * has ended.
   */
  public OverloadRun run(Subscription.Builder asked, int count, int batch) {
    return publish(asked, count, batch).finish();
  }

  /** The first half of {@link #run}: everything is stored, and most of it not taken. */
  public OverloadRun publish(Subscription.Builder asked, int count, int batch) {
    subscriber.open(asked.setId(1).setCredit(Credit.newBuilder().setReadings(0)));
    subscriber.awaitStatus(1);
    for (int done = 0; done < count; done += batch) {
      numbers.send(batch, batch);
      subscriber.creditReadings(1, numbers.sentInAll() / SHARE);
    }
    numbers.settle();
    return this;
  }

  /** The second half of {@link #run}: no bounds, until everything is accounted for. */
  public OverloadRun finish() {
    subscriber.credit(1, Credit.newBuilder());
    long[] sent = numbers.sent();
    subscriber
        .responses()
        .awaitAll(
            "everything up to " + Arrays.toString(sent),
            all -> isOver(all.get(all.size() - 1)) || DeliveryAudit.reaches(topic, all, 1, sent));
    return this;
  }

  /** Credit for what has ended is refused. */
  private static boolean isOver(SubscribeResponse said) {
    return said.hasEnd() || said.hasRefused();
  }
}
