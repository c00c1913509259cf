package dev.weir.service.session.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.config.Limits;
import dev.weir.service.partition.SampleBatches;
import dev.weir.service.session.TestPeer;
import dev.weir.v1.PublishOpen;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.PublishStreamResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The opens of one publisher object, in any order and interleaved in any way. */
class OpenOrderProperties extends PublishSessionFixture {
  private static final int OPENS_MAX = 6;
  private static final int STEPS_MAX = 12;

  @Property(tries = 500)
  void opensInAnyOrder_leaveTheSessionToTheNewest(@ForAll long seed) {
    Random random = new Random(seed);
    with(Limits.defaults(), 1 + random.nextInt(3));
    int opens = 2 + random.nextInt(OPENS_MAX - 1);
    List<Integer> order = new ArrayList<>(IntStream.rangeClosed(1, opens).boxed().toList());
    Collections.shuffle(order, random);
    List<TestPeer<PublishStreamResponse>> others = new ArrayList<>();
    TestPeer<PublishStreamResponse> newest = null;
    int greatest = 0;
    long known = 0; // what the client learned; later attempts give it
    int knownBy = opens;
    for (int attempt : order) {
      TestPeer<PublishStreamResponse> peer = start();
      peer.send(open(attempt > knownBy ? known : 0, attempt));
      if (attempt == opens) {
        newest = peer;
      } else {
        others.add(peer);
      }
      step(random);
      greatest = Math.max(greatest, attempt);
      boolean opened = peer.got.stream().anyMatch(PublishStreamResponse::hasOpened);
      if (opened && attempt == greatest && random.nextBoolean()) {
        known = peer.got.get(0).getOpened().getEpoch();
        knownBy = attempt;
      }
      if (!others.isEmpty() && random.nextInt(3) == 0) {
        others.remove(random.nextInt(others.size())).close();
        step(random);
      }
    }
    context.run();

    assertThat(newest.failure()).as("seed %s, %s", seed, order).isNull();
    assertThat(newest.got.get(0).hasOpened()).as("seed %s, %s", seed, order).isTrue();
    newest.send(rows(1, SampleBatches.name(0, 0, topic.partitions().size())));
    context.run();
    assertThat(acks(newest)).as("seed %s, %s", seed, order).hasSize(1);
  }

  private static PublishStreamRequest open(long epoch, int attempt) {
    return PublishStreamRequest.newBuilder()
        .setOpen(
            PublishOpen.newBuilder()
                .setTopic("t")
                .setProducer("p")
                .setEpoch(epoch)
                .setInstance(77)
                .setAttempt(attempt))
        .build();
  }

  private void step(Random random) {
    for (int steps = random.nextInt(STEPS_MAX); steps > 0; steps--) {
      if (random.nextBoolean()) {
        context.loop.runOne();
      } else {
        context.world.writer.runOne();
      }
    }
  }
}
