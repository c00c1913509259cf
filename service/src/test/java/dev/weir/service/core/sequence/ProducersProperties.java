package dev.weir.service.core.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.sequence.SequenceCheck.Duplicate;
import dev.weir.service.core.sequence.SequenceCheck.Fenced;
import dev.weir.service.core.sequence.SequenceCheck.New;
import dev.weir.service.core.sequence.SequenceCheck.OutOfSequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random rounds against a model that keeps every stored record and derives the rest from them. */
class ProducersProperties {
  private static final String[] IDS = {"a", "b", "c", "~d", "~e", "~f"};
  private static final long IDLE_MAX = 50;

  /** A record of the log: a batch, or a raised epoch with the last sequence. */
  private record Stored(boolean raises, String id, long epoch, long sequence, long timeNanos) {}

  @Property(tries = 2_000)
  void whateverIsWrittenAndRolledBack_sequencesStayConsecutive(@ForAll long seed) {
    var random = new Random(seed);
    var producers = new Producers(IDS.length, Long.MAX_VALUE);
    var committed = new HashMap<String, ProducerEntry>();
    for (int round = 0; round < 30; round++) {
      var present = new HashMap<>(committed);
      for (int i = random.nextInt(6); i > 0; i--) {
        write(producers, present, random);
      }
      if (random.nextInt(3) == 0) {
        producers.rollback();
      } else {
        producers.commit();
        committed = present;
      }
      for (String id : IDS) {
        ProducerEntry entry = committed.get(id);
        assertThat(producers.committedLast(id)).isEqualTo(entry == null ? 0 : entry.lastSequence());
        assertThat(producers.epoch(id)).isEqualTo(entry == null ? 0 : entry.epoch());
      }
    }
  }

  private static void write(
      Producers producers, Map<String, ProducerEntry> present, Random random) {
    String id = IDS[random.nextInt(IDS.length)];
    ProducerEntry entry = present.get(id);
    long presentEpoch = entry == null ? 0 : entry.epoch();
    long last = entry == null ? 0 : entry.lastSequence();
    if (random.nextInt(5) == 0) {
      producers.raise(id, presentEpoch + 1, producers.last(id), 0);
      present.put(id, new ProducerEntry(presentEpoch + 1, last, 0));
      return;
    }
    long epoch = Math.max(1, presentEpoch - random.nextInt(2));
    long sequence = Math.max(1, last - 1 + random.nextInt(4));
    SequenceCheck check = producers.check(id, epoch, sequence);
    if (epoch < presentEpoch) {
      assertThat(check).isEqualTo(new Fenced(presentEpoch));
    } else if (sequence <= last) {
      assertThat(check).isEqualTo(new Duplicate());
    } else if (sequence > last + 1) {
      assertThat(check).isEqualTo(new OutOfSequence(last + 1));
    } else {
      assertThat(check).isEqualTo(new New());
      producers.accept(id, epoch, sequence, 0);
      present.put(id, new ProducerEntry(epoch, sequence, 0));
    }
  }

  @Property(tries = 2_000)
  void foldOfTheLog_isTheWritersStateWhateverTheRoundsWere(@ForAll long seed) throws IOException {
    var random = new Random(seed);
    var writer = new Producers(4, IDLE_MAX);
    List<Stored> log = new ArrayList<>();
    byte[] checkpoint = null;
    int checkpointAt = 0;
    long now = 0;
    for (int round = 0; round < 40; round++) {
      now += random.nextInt(20);
      boolean commits = random.nextInt(4) > 0;
      for (int i = random.nextInt(4); i > 0; i--) {
        Stored stored = next(writer, random, now);
        apply(stored, writer);
        if (commits) {
          log.add(stored);
        }
      }
      if (commits) {
        writer.commit();
      } else {
        writer.rollback();
      }
      if (random.nextInt(10) == 0) {
        checkpoint = writer.toBytes();
        checkpointAt = log.size();
      }
    }
    assertThat(replayed(null, log).toBytes()).isEqualTo(writer.toBytes());
    assertThat(replayed(checkpoint, log.subList(checkpointAt, log.size())).toBytes())
        .isEqualTo(writer.toBytes());
  }

  private static Stored next(Producers writer, Random random, long now) {
    String id = IDS[random.nextInt(IDS.length)];
    if (random.nextInt(4) == 0) {
      return new Stored(true, id, writer.epoch(id) + 1, writer.last(id), now);
    }
    return new Stored(false, id, Math.max(1, writer.epoch(id)), writer.last(id) + 1, now);
  }

  private static void apply(Stored stored, Producers producers) {
    if (stored.raises()) {
      producers.raise(stored.id(), stored.epoch(), stored.sequence(), stored.timeNanos());
    } else {
      producers.accept(stored.id(), stored.epoch(), stored.sequence(), stored.timeNanos());
    }
  }

  private static Producers replayed(byte[] checkpoint, List<Stored> log) throws IOException {
    var fold = new Producers(4, IDLE_MAX);
    if (checkpoint != null) {
      fold.restore(checkpoint);
    }
    for (Stored stored : log) {
      apply(stored, fold);
      fold.commit();
    }
    return fold;
  }
}
