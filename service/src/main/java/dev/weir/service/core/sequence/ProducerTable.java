package dev.weir.service.core.sequence;

import dev.weir.common.OwnedBy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The producers of one partition: a fold of its log, with the changes of a commit round laid over
 * it until the round is committed or rolled back. Owned by the partition's writer.
 *
 * <p>A producer is forgotten once its last record is older than the idle bound, and, beyond the
 * bound on their number, least recently stored first, made-up ones before named ones; never one
 * that is open. Time is the append time of the newest record folded, without what lies between
 * claims of the log, so that two folds of the same log remember the same, and no jump of a clock
 * while the server was away makes anybody idle.
 */
@OwnedBy("partition writer")
public final class ProducerTable {
  private record Change(String id, ProducerEntry entry) {}

  private final int producersMax;
  private final long idleNanosMax;
  private final SequenceRule rule;

  private final StoredProducers named = new StoredProducers();
  private final StoredProducers madeUp = new StoredProducers();

  /** Counts the open sessions of each producer id. */
  private final Map<String, Integer> open = new HashMap<>();

  /** This round's changes in order, and the newest of each producer. */
  private final List<Change> changes = new ArrayList<>();

  private final Map<String, ProducerEntry> provisional = new HashMap<>();

  /** Greater epochs that other partitions of the topic have; never part of the fold. */
  private final Map<String, Long> fences = new HashMap<>();

  private long logTimeNanos = Long.MIN_VALUE; // as the log has seen time pass
  private LogTime time = LogTime.BEGINNING;
  private LogTime roundTime = time; // with the records of this round

  /**
   * The fold of an empty log.
   *
   * @param producersMax most producers remembered, open ones aside; at least 1
   * @param idleNanosMax append time without a record after which a producer is forgotten
   */
  public ProducerTable(int producersMax, long idleNanosMax) {
    this(producersMax, idleNanosMax, SequenceRule.STRICT);
  }

  /** The same with another rule. */
  public ProducerTable(int producersMax, long idleNanosMax, SequenceRule rule) {
    this.producersMax = producersMax;
    this.idleNanosMax = idleNanosMax;
    this.rule = rule;
  }

  /** Checks a batch, this round's changes included. */
  public SequenceCheck check(String id, long epoch, long sequence) {
    return rule.check(present(id), epoch, sequence);
  }

  /** Returns whether a publisher of an epoch may not publish, this round's changes included. */
  public boolean fences(String id, long epoch) {
    return rule.fences(epoch, epoch(id));
  }

  /** The greatest epoch, this round's changes included; 0 for an unknown producer. */
  public long epoch(String id) {
    ProducerEntry entry = present(id);
    return entry == null ? 0 : entry.epoch();
  }

  /** The greatest epoch of a record here, this round's included; 0 for none. */
  public long storedEpoch(String id) {
    ProducerEntry changed = provisional.get(id);
    return changed == null ? committedEpoch(id) : changed.epoch();
  }

  /** The greatest epoch that is committed here; 0 for none. */
  public long committedEpoch(String id) {
    ProducerEntry entry = committed(id);
    return entry == null ? 0 : entry.epoch();
  }

  /**
   * Another partition of the topic has a greater epoch of a producer, which could not be stored
   * here: lower ones are fenced here too. Holds until as great a one is stored here.
   */
  public void fence(String id, long epoch) {
    if (epoch > committedEpoch(id)) {
      fences.merge(id, epoch, Math::max);
    }
  }

  /** The last committed sequence; 0 for none. */
  public long committedLast(String id) {
    ProducerEntry entry = committed(id);
    return entry == null ? 0 : entry.lastSequence();
  }

  /** The last sequence, this round's changes included; 0 for none. A raised epoch carries it. */
  public long last(String id) {
    ProducerEntry entry = present(id);
    return entry == null ? 0 : entry.lastSequence();
  }

  /**
   * A record of the log is taken into this round, or folded; before what it says of a producer.
   *
   * @param logEpoch the claim of the partition that stores it
   */
  public void record(long logEpoch, long appendTimeNanos) {
    roundTime = roundTime.with(logEpoch, appendTimeNanos);
  }

  /** Takes a batch into this round, or folds a stored one: a fact, which is not checked. */
  public void accept(String id, long epoch, long sequence, long appendTimeNanos) {
    change(id, new ProducerEntry(epoch, sequence, roundTime.seen(appendTimeNanos)));
  }

  /**
   * Takes a new, raised or renewed epoch into this round, or folds a stored one. Like a batch it is
   * complete by itself, so that a fold that had forgotten the producer remembers what the writer
   * did, who had not because it was open.
   *
   * @param lastSequence {@link #last} when it was raised, kept in the record's sequence
   */
  public void raise(String id, long epoch, long lastSequence, long appendTimeNanos) {
    change(id, new ProducerEntry(epoch, lastSequence, roundTime.seen(appendTimeNanos)));
  }

  /**
   * Makes this round's changes real, and forgets. A fold that replays a log commits after every
   * record, which keeps the round small and forgets as the writer did.
   */
  public void commit() {
    for (Change change : changes) {
      logTimeNanos = Math.max(logTimeNanos, change.entry().lastAppendNanos());
      boolean isNew =
          stored(change.id()).store(change.id(), change.entry(), open.containsKey(change.id()));
      if (!fences.isEmpty()) {
        long epoch = change.entry().epoch();
        fences.computeIfPresent(change.id(), (id, fence) -> epoch >= fence ? null : fence);
      }
      if (isNew && size() > producersMax) {
        makeRoom();
      }
    }
    time = roundTime;
    rollback();
    forgetIdle(named);
    forgetIdle(madeUp);
  }

  /** The producers that this round changes, as they are with it. */
  public Map<String, ProducerEntry> changed() {
    return Map.copyOf(provisional);
  }

  /** Drops this round's changes. */
  public void rollback() {
    changes.clear();
    provisional.clear();
    roundTime = time;
  }

  /** Keeps a producer from being forgotten, until {@link #closed} was called as often. */
  public void opened(String id) {
    if (open.merge(id, 1, Integer::sum) > 1) {
      return;
    }
    StoredProducers stored = stored(id);
    ProducerEntry entry = stored.get(id);
    if (entry != null && isIdle(entry)) {
      stored.forget(id);
    } else {
      stored.open(id, true);
    }
  }

  /** Undoes one {@link #opened}. */
  public void closed(String id) {
    Integer left = open.computeIfPresent(id, (key, count) -> count == 1 ? null : count - 1);
    if (left == null) {
      stored(id).open(id, false);
    }
  }

  /** Number of producers remembered. */
  public int size() {
    return named.size() + madeUp.size();
  }

  /**
   * Returns how many producers are remembered: those here, and fences of those in other partitions.
   */
  public int remembered() {
    return size() + fences.size();
  }

  /** Returns whether another record of a producer takes no more memory, this round's included. */
  public boolean remembers(String id) {
    return stored(id).has(id) || provisional.containsKey(id) || fences.containsKey(id);
  }

  /**
   * Counts by how many the remembered producers grow when some new ones are stored: beyond the
   * bound, each new one takes the place of one that is closed, while there is such a one.
   */
  public int growth(int newOnes) {
    int beyond = Math.max(0, size() + newOnes - producersMax);
    return newOnes
        - Math.min(newOnes, Math.min(beyond, named.closedCount() + madeUp.closedCount()));
  }

  /** The committed fold in its durable form, for a checkpoint: see docs/formats-cursor.md. */
  public byte[] toBytes() {
    List<StoredProducers.Stored> all = named.inOrder();
    all.addAll(madeUp.inOrder());
    return ProducersCodec.write(logTimeNanos, time, all);
  }

  /**
   * Becomes the fold that {@link #toBytes()} wrote. Only on a new instance.
   *
   * @throws IOException if the bytes are damaged or of another version; start over with a new one
   */
  public void restore(byte[] bytes) throws IOException {
    ProducersCodec.Times times =
        ProducersCodec.read(bytes, (id, entry) -> stored(id).store(id, entry, false));
    logTimeNanos = times.newestNanos();
    time = times.log();
    roundTime = time;
  }

  /** Returns the entry of a committed producer; null for none. */
  public ProducerEntry entry(String id) {
    return stored(id).get(id);
  }

  /** Returns whether another fold has seen the same time pass. */
  public boolean sameTimes(ProducerTable other) {
    return logTimeNanos == other.logTimeNanos && time.equals(other.time);
  }

  /** Gives every committed producer. */
  public void forEach(BiConsumer<String, ProducerEntry> to) {
    named.inOrder().forEach(each -> to.accept(each.id(), each.entry()));
    madeUp.inOrder().forEach(each -> to.accept(each.id(), each.entry()));
  }

  private void change(String id, ProducerEntry entry) {
    changes.add(new Change(id, entry));
    provisional.put(id, entry);
  }

  private ProducerEntry present(String id) {
    ProducerEntry changed = provisional.get(id);
    ProducerEntry entry = changed == null ? committed(id) : changed;
    Long fence = fences.isEmpty() ? null : fences.get(id);
    if (fence == null || (entry != null && entry.epoch() >= fence)) {
      return entry;
    }
    return entry == null
        ? new ProducerEntry(fence, 0, logTimeNanos)
        : new ProducerEntry(fence, entry.lastSequence(), entry.lastAppendNanos());
  }

  private ProducerEntry committed(String id) {
    ProducerEntry entry = stored(id).get(id);
    return entry != null && isIdle(entry) && !open.containsKey(id) ? null : entry;
  }

  private StoredProducers stored(String id) {
    return ProducerIds.isMadeUp(id) ? madeUp : named;
  }

  private boolean isIdle(ProducerEntry entry) {
    return logTimeNanos - entry.lastAppendNanos() > idleNanosMax;
  }

  private void makeRoom() {
    forgetIdle(named);
    forgetIdle(madeUp);
    forgetOldest(madeUp);
    forgetOldest(named);
  }

  private void forgetOldest(StoredProducers stored) {
    while (size() > producersMax && stored.oldestClosed() != null) {
      stored.forget(stored.oldestClosed().id());
    }
  }

  /** Frees the memory of idle ones that are closed; nobody sees the difference. */
  private void forgetIdle(StoredProducers stored) {
    for (var oldest = stored.oldestClosed();
        oldest != null && isIdle(oldest.entry());
        oldest = stored.oldestClosed()) {
      stored.forget(oldest.id());
    }
  }
}
