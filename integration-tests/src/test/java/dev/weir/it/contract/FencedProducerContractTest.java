package dev.weir.it.contract;

import static dev.weir.it.contract.harness.TestBatches.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.contract.harness.CallFailure;
import dev.weir.it.contract.harness.ContractTest;
import dev.weir.it.contract.harness.EachSetup;
import dev.weir.it.contract.harness.EachTransport;
import dev.weir.it.contract.harness.RawPublishSession;
import dev.weir.it.contract.harness.TestTopic;
import dev.weir.it.contract.harness.TransportSetup;
import dev.weir.v1.PartitionSequence;
import dev.weir.v1.PublishOpened;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Rule 3 of PublishService under races: a zombie against its successor. */
final class FencedProducerContractTest extends ContractTest {
  private static final int ZOMBIE_BATCHES = 60;
  private static final double SUCCESSOR = 1_000;

  private static final int SEEDS = 8;
  private static final int CONTENDERS = 3;
  private static final int OPEN_ROUNDS = 20;

  /** Many, so that two openings have time to cross. */
  private static final int MANY_PARTITIONS = 32;

  @EachSetup
  void zombieRacingItsSuccessor_whatItGotAckedIsStoredOnce_nothingAfterItsFencing(
      TransportSetup setup) throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      race(setup, seed, seed % 2 == 0);
    }
  }

  private void race(TransportSetup setup, long seed, boolean sameEpoch) throws Exception {
    String what = setup + " seed " + seed;
    TestTopic topic = topic(setup);
    Random random = new Random(seed);
    int sentBefore = random.nextInt(ZOMBIE_BATCHES);
    RawPublishSession zombie = topic.publisher();
    long epoch = zombie.open("p", 0).getEpoch();
    RawPublishSession successor = topic.publisherOn(topic.server().newChannel());
    CyclicBarrier together = new CyclicBarrier(2);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<?> sending = thread.submit(() -> publish(topic, zombie, sentBefore, together));
      together.await(10, TimeUnit.SECONDS);
      PublishOpened opened = successor.open("p", sameEpoch ? epoch : 0);
      for (int p = 0; p < setup.partitions(); p++) {
        long last = opened.getLastSequences(p).getLastSequence();
        successor.store(p, last + 1, rows(topic.sensor(p, 0), SUCCESSOR + last + 1));
      }
      sending.get(20, TimeUnit.SECONDS);
      CallFailure end = zombie.awaitEnd();

      assertThat(end.reason()).as(what).isEqualTo(sameEpoch ? "REPLACED" : "PRODUCER_FENCED");
      for (int p = 0; p < setup.partitions(); p++) {
        long last = opened.getLastSequences(p).getLastSequence();
        assertThat(zombie.acked(p)).as(what + ": acked to the zombie").isLessThanOrEqualTo(last);
        List<Double> expected = new ArrayList<>();
        for (int sequence = 1; sequence <= last; sequence++) {
          expected.add((double) sequence);
        }
        expected.add(SUCCESSOR + last + 1);
        assertThat(topic.values(p)).as(what).isEqualTo(expected);
      }
    } finally {
      thread.shutdownNow();
    }
  }

  private static Void publish(
      TestTopic topic, RawPublishSession zombie, int sentBefore, CyclicBarrier together)
      throws Exception {
    for (int sequence = 1; sequence <= ZOMBIE_BATCHES; sequence++) {
      if (sequence == sentBefore + 1) {
        together.await(10, TimeUnit.SECONDS);
      }
      for (int p = 0; p < topic.partitions() && !zombie.responses().isOver(); p++) {
        zombie.send(p, sequence, rows(topic.sensor(p, 0), sequence));
      }
    }
    return null;
  }

  @EachTransport
  void manyOpeningAtOnceWithEpochZero_exactlyOneStays(TransportSetup setup) throws Exception {
    TestTopic topic = topicOfOwnServer(setup, quick(), MANY_PARTITIONS);
    ExecutorService threads = Executors.newFixedThreadPool(CONTENDERS);
    try {
      for (int round = 1; round <= OPEN_ROUNDS; round++) {
        CyclicBarrier together = new CyclicBarrier(CONTENDERS);
        List<Future<Boolean>> contenders = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
          RawPublishSession contender = topic.publisherOn(topic.server().newChannel());
          contender.responses().awaitReady();
          contenders.add(threads.submit(() -> stays(topic, contender, together)));
        }
        int stayed = 0;
        for (Future<Boolean> contender : contenders) {
          stayed += contender.get(30, TimeUnit.SECONDS) ? 1 : 0;
        }
        assertThat(stayed).as("%s round %s", setup, round).isEqualTo(1);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Opens; then, when all others have opened or failed, sees whether it may still publish. */
  private static boolean stays(TestTopic topic, RawPublishSession probe, CyclicBarrier together)
      throws Exception {
    together.await(10, TimeUnit.SECONDS);
    probe.sendOpen("p", 0);
    probe.responses().awaitAllOrEnd("opened", all -> !all.isEmpty());
    together.await(20, TimeUnit.SECONDS);
    boolean acked = !probe.responses().isOver() && publishesEverywhere(topic, probe);
    together.await(20, TimeUnit.SECONDS);
    probe.cancel();
    return acked;
  }

  private static boolean publishesEverywhere(TestTopic topic, RawPublishSession probe) {
    List<PartitionSequence> last = probe.awaitOpened().getLastSequencesList();
    for (int p = 0; p < topic.partitions() && !probe.responses().isOver(); p++) {
      probe.send(p, last.get(p).getLastSequence() + 1, rows(topic.sensor(p, 0), 1));
    }
    boolean acked = true;
    for (int p = 0; p < topic.partitions(); p++) {
      int partition = p;
      probe
          .responses()
          .awaitAllOrEnd(
              "an answer",
              all -> probe.acked(partition) > 0 || !probe.rejects(partition).isEmpty());
      acked &= probe.acked(p) > 0;
    }
    return acked;
  }
}
