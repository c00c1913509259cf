package dev.weir.service.sim;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.RecordType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What must be true, by what clients sent and were told and what the log has committed. The first
 * thing found wrong stays. Owned by one world.
 */
final class InvariantLedger {
  private final List<CommittedHistory> partitions = new ArrayList<>();
  private final List<SentBatch> batches = new ArrayList<>();
  private final Map<String, Long> openEpochs = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Cursor> asked = new HashMap<>();
  private final Map<String, Cursor> committed = new HashMap<>();
  private final boolean mayExpire;
  private String wrong;

  /**
   * @param mayExpire whether retention may take anything
   */
  InvariantLedger(int partitionCount, boolean mayExpire) {
    this.mayExpire = mayExpire;
    for (int p = 0; p < partitionCount; p++) {
      partitions.add(new CommittedHistory(this, p));
    }
  }

  /** Retention has taken something. */
  void expired(int partition, long startOffset) {
    if (!mayExpire) {
      fail("partition %s begins at %s, and nothing may expire", partition, startOffset);
    }
  }

  CommittedHistory partition(int number) {
    return partitions.get(number);
  }

  /** Notes that a promise is broken. */
  @FormatMethod
  void fail(@FormatString String what, Object... of) {
    if (wrong == null) {
      wrong = String.format(what, of);
    }
  }

  /** The first promise that was broken; null for none. */
  String wrong() {
    return wrong;
  }

  // ---- what producers do and are told

  /** A batch that may be sent from now on. */
  SentBatch batch(String producer, int partition, String[] sensors, long[] heights) {
    SentBatch sent = new SentBatch(batches.size(), producer, partition, sensors, heights);
    batches.add(sent);
    return sent;
  }

  SentBatch sent(long id) {
    return id < batches.size() ? batches.get((int) id) : null;
  }

  /** Batches made so far. */
  int batches() {
    return batches.size();
  }

  void acked(SentBatch sent) {
    sent.acked = true;
    if (sent.offset < 0) {
      fail("acknowledged and not committed: %s", sent);
    }
  }

  void refused(SentBatch sent) {
    sent.refused = true;
    if (sent.offset >= 0) {
      fail("refused and committed: %s", sent);
    }
  }

  /**
   * A producer was told that its epoch is open in a partition: nothing of older ones is stored
   * there from now on. A stopped partition is told as such: what of it is in doubt may turn out to
   * be stored when the next process opens it.
   */
  void opened(String producer, int partition, long epoch) {
    openEpochs.merge(producer + '/' + partition, epoch, Math::max);
  }

  /** A producer's record was committed. */
  void published(int partition, LogRecord record) {
    long open = openEpochs.getOrDefault(record.producer() + '/' + partition, 0L);
    if (record.type() == RecordType.BATCH && record.producerEpoch() < open) {
      fail("%s is of a fenced epoch: %s is open", record, open);
    }
  }

  // ---- sensors

  /** A sensor was defined, or a client told of it. */
  void defined(int id, String name) {
    String known = names.putIfAbsent(id, name);
    Integer knownId = ids.putIfAbsent(name, id);
    if (known != null && !known.equals(name) || knownId != null && knownId != id) {
      fail("sensor %s is %s, and was %s with %s", id, name, known, knownId);
    }
  }

  /** The name of a sensor's id; null for none. */
  String name(int id) {
    return names.get(id);
  }

  // ---- budgets

  /** What is charged lies between nothing and its bound. */
  void withinBounds(List<Budget> budgets) {
    for (Budget budget : budgets) {
      if (budget.used() < 0 || budget.used() > budget.max()) {
        fail("%s holds %s of %s", budget.name(), budget.used(), budget.max());
      }
    }
  }

  /** Those who held something are gone. */
  void nothingHeld(List<Budget> budgets, String gone) {
    for (Budget budget : budgets) {
      if (budget.used() != 0) {
        fail("%s still holds %s, and %s are gone", budget.name(), budget.used(), gone);
      }
    }
  }

  // ---- committed cursors

  void commitAsked(String name, Cursor cursor) {
    asked.merge(name, cursor, Cursor::later);
  }

  /** A commit was acknowledged. */
  void commitAcked(String name, Cursor cursor) {
    committed.merge(name, cursor, Cursor::later);
  }

  /** What was acknowledged last of a name; null for nothing. */
  Cursor committed(String name) {
    return committed.get(name);
  }

  /** The committed cursor of a name; null for none. What was acknowledged before is not ahead. */
  void commitFound(String name, Cursor before, Cursor cursor) {
    if (before != null && (cursor == null || !Cursor.later(before, cursor).equals(cursor))) {
      fail("what %s has committed goes back from %s to %s", name, before, cursor);
    }
    Cursor most = asked.get(name);
    if (cursor != null && (most == null || !Cursor.later(most, cursor).equals(most))) {
      fail("what %s has committed is %s, and nobody asked for more than %s", name, cursor, most);
    }
  }

  /** Names under which something is committed. */
  List<String> committedNames() {
    return List.copyOf(committed.keySet());
  }
}
