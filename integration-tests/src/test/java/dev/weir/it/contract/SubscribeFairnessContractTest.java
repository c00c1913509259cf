package dev.weir.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.RawSubscribeSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.service.config.Limit;
import dev.weir.v1.Batch;
import dev.weir.v1.Credit;
import dev.weir.v1.Delivery;
import dev.weir.v1.Format;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeResponse;
import dev.weir.v1.Subscription;

/** Rule 2 of SubscribeService: subscriptions of a session share it fairly by bytes. */
final class SubscribeFairnessContractTest extends ContractTest {
  private static final int QUANTUM_BYTES = 2 << 10;
  private static final int LARGE_BYTES = 8 << 10;

  private static final int TOTAL_BYTES = 400 << 10;

  /**
   * Neither gets further ahead. Two large records and two turns are all that the turns themselves
   * allow; but one whose next readings are still being read has no turn, and on a busy machine that
   * was once an eighth of the total. Shares by records would differ by most of the total.
   */
  private static final int AHEAD_BYTES_MAX = TOTAL_BYTES / 4;

  @EachSetup
  void rule2_largeAndSmallRecords_shareASessionByBytes(TransportSetup setup) {
    share(setup, false);
  }

  @EachSetup
  void rule2_withSelectors_too(TransportSetup setup) {
    share(setup, true);
  }

  private void share(TransportSetup setup, boolean selected) {
    TestTopic large =
        topicOfOwnServer(setup, quick().with(Limit.DELIVERY_BYTES_MAX, QUANTUM_BYTES));
    TestTopic small = large.server().topic("small", setup.partitions());
    fill(large, LARGE_BYTES);
    fill(small, QUANTUM_BYTES / 2);
    RawSubscribeSession subscriber = large.subscriber();
    Credit none = Credit.newBuilder().setReadings(0).build();
    Subscription.Builder first =
        subscriber.everything(1).setFormat(Format.FORMAT_COLUMNS).setCredit(none);
    Subscription.Builder second = first.clone().setId(2).setTopic(small.name());
    if (selected) {
      first.getSelectorBuilder().clearAll().addGlobs("line0/*");
      for (int p = 0; p < setup.partitions(); p++) {
        second.getSelectorBuilder().clearAll().addNames(small.sensor(p, 0));
      }
    }
    subscriber.open(first, second);
    subscriber.awaitStatus(1);
    subscriber.awaitStatus(2);
    subscriber.responses().pause();
    subscriber.credit(1, Credit.newBuilder());
    subscriber.credit(2, Credit.newBuilder());
    subscriber.responses().resume();
    subscriber.responses().awaitAll("all", all -> bytes(all, 1) + bytes(all, 2) >= 2 * TOTAL_BYTES);

    checkShares(subscriber);
  }

  private static long bytes(Iterable<SubscribeResponse> all, int id) {
    long bytes = 0;
    for (SubscribeResponse said : all) {
      Delivery delivery = said.getDelivery();
      bytes += delivery.getSubscription() == id ? delivery.getChargedBytes() : 0;
    }
    return bytes;
  }

  /** Checks that neither gets far ahead from where both have begun to where one is done. */
  private static void checkShares(RawSubscribeSession subscriber) {
    long[] left = {
      0, bytes(subscriber.responses().all(), 1), bytes(subscriber.responses().all(), 2)
    };
    long[] got = new long[3];
    boolean[] begun = new boolean[3];
    int compared = 0;
    for (SubscribeResponse said : subscriber.responses().all()) {
      int id = said.getDelivery().getSubscription();
      if (id == 0) {
        continue;
      }
      begun[id] = true;
      left[id] -= said.getDelivery().getChargedBytes();
      if (begun[1] && begun[2] && left[id] > 0) {
        got[id] += said.getDelivery().getChargedBytes();
        assertThat(Math.abs(got[1] - got[2]))
            .as("difference in bytes after %s", compared)
            .isLessThanOrEqualTo(AHEAD_BYTES_MAX);
        compared++;
      } else if (begun[1] && begun[2]) {
        break;
      }
    }
    assertThat(compared).isGreaterThan(50);
  }

  private static void fill(TestTopic topic, int recordBytes) {
    RawPublishSession publisher = topic.publisher().opened();
    long[] sequences = new long[topic.partitions()];
    int sent = 0;
    for (int p = 0; sent <= TOTAL_BYTES; p = (p + 1) % topic.partitions()) {
      Reading.Builder blob =
          Reading.newBuilder()
              .setSensor(topic.sensor(p, 0))
              .setBlob(ByteString.copyFrom(new byte[recordBytes]));
      publisher.responses().awaitReady();
      publisher.send(p, ++sequences[p], Batch.newBuilder().addRows(blob).build());
      sent += recordBytes;
    }
    for (int p = 0; p < topic.partitions(); p++) {
      publisher.awaitAck(p, sequences[p]);
    }
    publisher.cancel();
  }
}
