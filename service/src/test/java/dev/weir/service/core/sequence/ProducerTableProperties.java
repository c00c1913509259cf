package dev.weir.service.core.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.sequence.SequenceCheck.Duplicate;
import dev.weir.service.core.sequence.SequenceCheck.Fenced;
import dev.weir.service.core.sequence.SequenceCheck.New;
import dev.weir.service.core.sequence.SequenceCheck.OutOfSequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random rounds against a model that keeps every stored record and derives the rest from them. */
class ProducerTableProperties {
  private static final String[] IDS = {"a", "b", "c", "~d", "~e", "~f"};
  private static final long IDLE_MAX = 50;

  /** A record of the log: a batch, or a raised epoch with the last sequence. */
  private record Stored(boolean raises, String id, long epoch, long sequence, long timeNanos) {}

  @Property(tries = 2_000)
  void whateverIsWrittenAndRolledBack_sequencesStayConsecutive(@ForAll long seed) {
    var random = new Random(seed);
    var producers = new ProducerTable(IDS.length, Long.MAX_VALUE);
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
      ProducerTable producers, Map<String, ProducerEntry> present, Random random) {
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
    var writer = new ProducerTable(4, IDLE_MAX);
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

  /** One record a round: the least recently stored that is closed goes, made-up ones first. */
  @Property(tries = 2_000)
  void whoeverOpensAndCloses_thoseAreForgottenWhomTheRuleSays(@ForAll long seed) {
    var random = new Random(seed);
    int max = 1 + random.nextInt(4);
    var producers = new ProducerTable(max, IDLE_MAX);
    var model = new LinkedHashMap<String, ProducerEntry>();
    var open = new HashMap<String, Integer>();
    long now = 0;
    for (int step = 0; step < 60; step++) {
      String id = IDS[random.nextInt(IDS.length)];
      long time = now;
      if (random.nextInt(3) == 0 && open.containsKey(id)) {
        producers.closed(id);
        open.computeIfPresent(id, (key, count) -> count == 1 ? null : count - 1);
      } else if (random.nextInt(3) == 0) {
        producers.opened(id);
        if (!open.containsKey(id)) {
          model.computeIfPresent(id, (key, entry) -> isIdle(entry, time) ? null : entry);
        }
        open.merge(id, 1, Integer::sum);
      } else {
        now += random.nextInt(20);
        producers.accept(id, 1, step + 1, now);
        producers.commit();
        boolean isNew = model.remove(id) == null;
        model.put(id, new ProducerEntry(1, step + 1, now));
        forget(model, open, isNew ? max : Integer.MAX_VALUE, now);
        for (String each : IDS) {
          ProducerEntry known = model.get(each);
          assertThat(producers.committedLast(each))
              .isEqualTo(known == null ? 0 : known.lastSequence());
        }
        List<String> left = new ArrayList<>();
        producers.forEach((each, entry) -> left.add(each + entry));
        assertThat(left).isEqualTo(inOrder(model));
      }
    }
  }

  private static boolean isIdle(ProducerEntry entry, long now) {
    return now - entry.lastAppendNanos() > IDLE_MAX;
  }

  private static void forget(
      Map<String, ProducerEntry> model, Map<String, Integer> open, int max, long now) {
    model
        .entrySet()
        .removeIf(each -> isIdle(each.getValue(), now) && !open.containsKey(each.getKey()));
    for (boolean madeUp : new boolean[] {true, false}) {
      List<String> ids = new ArrayList<>(model.keySet());
      ids.removeIf(id -> open.containsKey(id) || ProducerIds.isMadeUp(id) != madeUp);
      for (int i = 0; model.size() > max && i < ids.size(); i++) {
        model.remove(ids.get(i));
      }
    }
  }

  private static List<String> inOrder(Map<String, ProducerEntry> model) {
    List<String> named = new ArrayList<>();
    List<String> madeUp = new ArrayList<>();
    model.forEach(
        (id, entry) -> (ProducerIds.isMadeUp(id) ? madeUp : named).add(id + entry.toString()));
    named.addAll(madeUp);
    return named;
  }

  private static Stored next(ProducerTable writer, Random random, long now) {
    String id = IDS[random.nextInt(IDS.length)];
    if (random.nextInt(4) == 0) {
      return new Stored(true, id, writer.epoch(id) + 1, writer.last(id), now);
    }
    return new Stored(false, id, Math.max(1, writer.epoch(id)), writer.last(id) + 1, now);
  }

  private static void apply(Stored stored, ProducerTable producers) {
    if (stored.raises()) {
      producers.raise(stored.id(), stored.epoch(), stored.sequence(), stored.timeNanos());
    } else {
      producers.accept(stored.id(), stored.epoch(), stored.sequence(), stored.timeNanos());
    }
  }

  private static ProducerTable replayed(byte[] checkpoint, List<Stored> log) throws IOException {
    var fold = new ProducerTable(4, IDLE_MAX);
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
