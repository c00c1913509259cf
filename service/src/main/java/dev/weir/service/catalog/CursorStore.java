package dev.weir.service.catalog;

import dev.weir.service.config.Limit;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/**
 * The committed cursors of durable subscriptions, as the events of the system partition say.
 * Thread-safe. Cursors only move forward; of one name, one commit is under way at a time, and those
 * that come meanwhile are stored together behind it. Commits and deletes are charged until they are
 * answered, whether or not somebody still waits for the answer.
 */
public final class CursorStore {
  /** The bytes charged for a committed cursor besides its name, and for each of its partitions. */
  private static final long CURSOR_BYTES = 300;

  private static final long POSITION_BYTES = 56;

  /** The bytes charged for a commit that waits for its answer. */
  private static final long WAITING_BYTES = 200;

  /**
   * The charge for a delete that waits, besides its name: its event, its bytes, and who is told.
   */
  private static final long DELETING_BYTES = 300;

  /** A cursor that is not stored yet is there, and again in its event. */
  private static final long COPIES = 2;

  /**
   * A cursor that is committed under a name.
   *
   * @param name of the durable subscription
   * @param cursor behind everything it has done
   * @param timeNanos when it was committed, Unix nanoseconds
   */
  public record Committed(String name, Cursor cursor, long timeNanos) {}

  /** The end of a commit. */
  public sealed interface Outcome {
    /**
     * It is durable.
     *
     * @param cursor what is committed now; ahead of what was asked for where more was committed
     */
    record Stored(Cursor cursor) implements Outcome {}

    /**
     * It is not committed.
     *
     * @param fault why
     */
    record Refused(Fault fault) implements Outcome {}
  }

  /** The commits of one name that are not answered, and what is charged for them. */
  private static final class Pending {
    Cursor underWay;
    List<Consumer<Outcome>> replies = new ArrayList<>();
    long chargedBytes; // for the cursor under way, its event, and who is told of it
    Cursor waiting; // null for none
    List<Consumer<Outcome>> waitingReplies = new ArrayList<>();
    long waitingChargedBytes; // the same for the one that waits

    Pending(Cursor underWay) {
      this.underWay = underWay;
    }

    /** The commit that begins it, or one more. Returns what it adds to the charge. */
    long join(String name, Cursor cursor, Consumer<Outcome> reply) {
      boolean covered = waiting == null && Cursor.later(underWay, cursor).equals(underWay);
      boolean first = covered ? replies.isEmpty() : waiting == null;
      long bytes = WAITING_BYTES + (first ? COPIES * bytesOf(name, cursor) : 0);
      if (covered) {
        replies.add(reply);
        chargedBytes += bytes;
      } else {
        waiting = first ? cursor : Cursor.later(waiting, cursor);
        waitingReplies.add(reply);
        waitingChargedBytes += bytes;
      }
      return bytes;
    }

    void next(Committed known) {
      underWay = known == null ? waiting : Cursor.later(known.cursor(), waiting);
      replies = waitingReplies;
      chargedBytes = waitingChargedBytes;
      waiting = null;
      waitingReplies = new ArrayList<>();
      waitingChargedBytes = 0;
    }
  }

  private static final class OfTopic {
    final NavigableMap<String, Committed> committed = new ConcurrentSkipListMap<>();
    final Map<String, Pending> pending = new HashMap<>(); // guarded by the store
    boolean gone; // guarded by the store

    long names() {
      return committed.size()
          + pending.keySet().stream().filter(name -> !committed.containsKey(name)).count();
    }
  }

  private final SystemLog log;
  private final SystemLog.Setting setting;
  private final Budget budget;
  private final Map<Long, OfTopic> topics = new ConcurrentHashMap<>();
  private int repliesDue; // guarded by this

  CursorStore(SystemLog log, SystemLog.Setting setting) {
    this.log = log;
    this.setting = setting;
    this.budget =
        setting == null ? new Budget("catalog_budget_bytes", Long.MAX_VALUE) : setting.budget();
  }

  private static long bytesOf(String name, Cursor cursor) {
    return CURSOR_BYTES + name.length() + cursor.partitions() * POSITION_BYTES;
  }

  private static long bytesOf(Committed one) {
    return one == null ? 0 : bytesOf(one.name(), one.cursor());
  }

  /** Returns the cursor committed under a name; empty for none. Any thread. */
  public Optional<Committed> find(TopicInfo topic, String name) {
    OfTopic cursors = topics.get(topic.logId());
    return cursors == null ? Optional.empty() : Optional.ofNullable(cursors.committed.get(name));
  }

  /** Up to {@code most} committed cursors with names behind {@code after}, by name. Any thread. */
  public List<Committed> page(TopicInfo topic, String after, int most) {
    OfTopic cursors = topics.get(topic.logId());
    return cursors == null
        ? List.of()
        : cursors.committed.tailMap(after, false).values().stream().limit(most).toList();
  }

  /**
   * Commits a cursor of the topic, forward only. Any thread; never blocks.
   *
   * @param reply told once, on the system thread or the caller's; must not block
   */
  public void commit(TopicInfo topic, String name, Cursor cursor, Consumer<Outcome> reply) {
    take(topic, name, cursor, reply).run();
  }

  /** Returns the rest of the work, which is done without the lock. */
  private synchronized Runnable take(
      TopicInfo topic, String name, Cursor cursor, Consumer<Outcome> reply) {
    OfTopic cursors = topics.get(topic.logId());
    if (cursors == null) {
      return () -> reply.accept(new Outcome.Refused(gone(topic)));
    }
    Committed known = cursors.committed.get(name);
    Pending pending = cursors.pending.get(name);
    if (pending == null
        && known != null
        && Cursor.later(known.cursor(), cursor).equals(known.cursor())) {
      return () -> reply.accept(new Outcome.Stored(known.cursor()));
    }
    if (repliesDue >= setting.limits().getInt(Limit.SYSTEM_QUEUE_EVENTS)) {
      return () -> reply.accept(new Outcome.Refused(log.overloaded()));
    }
    if (pending == null
        && known == null
        && cursors.names() >= setting.limits().get(Limit.CURSORS_PER_TOPIC_MAX)) {
      return () -> reply.accept(new Outcome.Refused(full(topic)));
    }
    if (pending == null && known == null && budget.lacks(bytesOf(name, cursor))) {
      budget.refused();
      return () -> reply.accept(new Outcome.Refused(noRoom(bytesOf(name, cursor))));
    }
    repliesDue++;
    if (pending != null) {
      budget.take(pending.join(name, cursor, reply));
      return () -> {};
    }
    var begun = new Pending(known == null ? cursor : Cursor.later(known.cursor(), cursor));
    budget.take(begun.join(name, cursor, reply));
    cursors.pending.put(name, begun);
    return () -> append(topic, cursors, name);
  }

  private void append(TopicInfo topic, OfTopic cursors, String name) {
    Cursor cursor;
    synchronized (this) {
      cursor = cursors.pending.get(name).underWay;
    }
    var event = new SystemEvent.CursorCommitted(name, cursor, setting.epochNanos().getAsLong());
    log.append(event, fault -> settle(topic, cursors, name, fault).run());
  }

  private synchronized Runnable settle(
      TopicInfo topic, OfTopic cursors, String name, Optional<Fault> fault) {
    Pending pending = cursors.pending.get(name);
    List<Consumer<Outcome>> replies = pending.replies;
    repliesDue -= replies.size();
    budget.giveBack(pending.chargedBytes);
    Outcome outcome;
    if (fault.isPresent()) {
      outcome = new Outcome.Refused(fault.get());
    } else if (cursors.gone) {
      outcome = new Outcome.Refused(gone(topic));
    } else {
      outcome = new Outcome.Stored(pending.underWay);
    }
    boolean more = pending.waiting != null;
    if (more) {
      pending.next(cursors.committed.get(name));
    } else {
      cursors.pending.remove(name);
    }
    return () -> {
      replies.forEach(reply -> reply.accept(outcome));
      if (more) {
        append(topic, cursors, name);
      }
    };
  }

  /**
   * Forgets what is committed under a name. Any thread; never blocks.
   *
   * @param reply told once that it is durable, or why not; on the system thread or the caller's
   */
  public void delete(TopicInfo topic, String name, Consumer<Optional<Fault>> reply) {
    if (find(topic, name).isEmpty()) {
      reply.accept(Optional.of(notFound(topic, name)));
      return;
    }
    long bytes = DELETING_BYTES + COPIES * name.length(); // taken without room too: it frees some
    budget.take(bytes);
    log.append(
        new SystemEvent.CursorDeleted(topic.logId(), name),
        fault -> {
          budget.giveBack(bytes);
          reply.accept(fault);
        });
  }

  /** Tells that nothing is committed under a name. */
  public static Fault notFound(TopicInfo topic, String name) {
    return Fault.of(
        ErrorCode.CURSOR_NOT_FOUND,
        "Topic "
            + topic.name()
            + " has no cursor committed under the name \""
            + name
            + "\". Commit one first; GetCursors lists them.");
  }

  private static Fault gone(TopicInfo topic) {
    return Fault.of(ErrorCode.TOPIC_NOT_FOUND, "Topic " + topic.name() + " was deleted.");
  }

  private Fault noRoom(long bytes) {
    return Fault.of(
        ErrorCode.LIMIT_REACHED,
        String.format(
            "%s (%d) has no room for the %d bytes of one more committed cursor. Delete cursors or"
                + " topics, or ask the operator to raise the limit.",
            budget.name(), budget.max(), bytes));
  }

  private Fault full(TopicInfo topic) {
    return Fault.of(
        ErrorCode.LIMIT_REACHED,
        "Topic "
            + topic.name()
            + " has as many committed cursors as "
            + setting.limits().told(Limit.CURSORS_PER_TOPIC_MAX)
            + " allows. Delete one, or ask the operator to raise the limit.");
  }

  /** Events of a log that is no topic's (any more) mean nothing: a commit may follow its end. */
  synchronized void apply(SystemEvent event) {
    OfTopic cursors = topics.get(event.logId());
    if (event instanceof SystemEvent.TopicStored && cursors == null) {
      topics.put(event.logId(), new OfTopic());
    } else if (cursors == null) {
      return;
    } else if (event instanceof SystemEvent.TopicDeleted) {
      topics.remove(event.logId());
      cursors.gone = true;
      cursors.committed.values().forEach(one -> budget.giveBack(bytesOf(one)));
    } else if (event instanceof SystemEvent.CursorCommitted committed) {
      var now = new Committed(committed.name(), committed.cursor(), committed.timeNanos());
      budget.take(bytesOf(now) - bytesOf(cursors.committed.put(now.name(), now)));
    } else if (event instanceof SystemEvent.CursorDeleted deleted) {
      budget.giveBack(bytesOf(cursors.committed.remove(deleted.name())));
    }
  }

  /** The events that make this state. */
  void write(SystemEventCodec.Sink state) throws IOException {
    for (OfTopic cursors : topics.values()) {
      for (Committed one : cursors.committed.values()) {
        state.add(new SystemEvent.CursorCommitted(one.name(), one.cursor(), one.timeNanos()));
      }
    }
  }
}
