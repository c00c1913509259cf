package dev.weir.service.session;

import dev.weir.service.admission.OpenAttempts;
import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.sequence.Epochs;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Publisher;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.Result;
import dev.weir.service.partition.Topic;
import dev.weir.v1.PublishOpen;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Opens a producer's session in every partition of a topic, and gathers the answers. Owned by the
 * event loop; answers of the writers are posted to it.
 */
@OwnedBy("event loop")
final class Opening {
  private static final long LEAVE_RETRY_NANOS = 1_000_000_000L;

  /**
   * What is opened.
   *
   * @param publisher the session
   * @param epoch its epoch; 0 for the greatest of any partition plus one
   * @param announce the epoch is a record of every partition before the session is open
   * @param attempt which open of its publisher object it is
   */
  record Claim(Publisher publisher, long epoch, boolean announce, OpenAttempts.Attempt attempt) {
    /** What a client asks for; a producer that the server made up has epoch 1. */
    static Claim of(Publisher publisher, Topic topic, PublishOpen open) {
      boolean madeUp = open.getProducer().isEmpty();
      return new Claim(
          publisher,
          madeUp ? 1 : open.getEpoch(),
          !madeUp,
          new OpenAttempts.Attempt(
              topic.info().logId(), publisher.producer(), open.getInstance(), open.getAttempt()));
    }
  }

  /** Hears of an opening, on the event loop. */
  interface Events {
    /** The session has this epoch, and is opened with it next. */
    void claims(long epoch);

    /** It is open. */
    void opened(long[] lastSequences);

    /** It cannot be opened; once, and instead of {@link #opened}. */
    void end(Fault fault);
  }

  private final Desk desk;
  private final Topic topic;
  private final Loop loop;
  private final Claim claim;
  private final Events events;
  private final OpenAttempts opens;
  private int left;
  private long greatest;
  private int entered; // the first so many partitions have taken the session
  private boolean counted; // among the opens of its producer
  private boolean done;

  Opening(Desk desk, Topic topic, Loop loop, Claim claim, Events events) {
    this.desk = desk;
    this.topic = topic;
    this.loop = loop;
    this.claim = claim;
    this.events = events;
    this.opens = desk.admission().opens();
  }

  /** Begins; an open that is not the newest of its publisher object changes nothing. */
  void start() {
    if (opens.isStaleOnArrival(claim.attempt())) {
      fail(stale());
      return;
    }
    counted = true;
    if (claim.epoch() == 0) {
      findGreatestEpoch();
    } else {
      open(claim.epoch());
    }
  }

  /** Finds the greatest epoch of the producer in any partition; 0 for none. */
  private void findGreatestEpoch() {
    left = topic.partitions().size();
    LongConsumer reply = epoch -> loop.post(() -> onEpoch(epoch));
    String producer = claim.publisher().producer();
    for (Partition partition : topic.partitions()) {
      if (!offer(partition, new Request.AskEpoch(producer, reply))) {
        return;
      }
    }
  }

  private void onEpoch(long epoch) {
    greatest = Math.max(greatest, epoch);
    if (--left > 0 || done) {
      return;
    }
    if (greatest >= Epochs.MAX) {
      fail(OpenCheck.epochsUsedUp(claim.publisher().producer(), greatest));
    } else {
      open(greatest + 1);
    }
  }

  /** Makes the session the newest everywhere, and finds the last sequence per partition. */
  private void open(long epoch) {
    events.claims(epoch);
    long[] lastSequences = new long[topic.partitions().size()];
    left = lastSequences.length;
    boolean stale;
    // One opening at a time: else each of two could be the newest somewhere, and both would end.
    synchronized (topic) {
      stale = opens.isStale(claim.attempt()); // in here: a later one comes behind this one
      for (int p = 0; !stale && p < lastSequences.length; p++) {
        if (!enter(topic.partitions().get(p), lastSequences)) {
          return; // the session has left those before, and must not come to those behind
        }
      }
    }
    if (stale) {
      fail(stale());
    }
  }

  private boolean enter(Partition partition, long[] lastSequences) {
    Consumer<Result> reply =
        result -> loop.post(() -> onOpened(partition.number(), result, lastSequences));
    boolean taken = offer(partition, new Request.Open(claim.publisher(), claim.announce(), reply));
    entered += taken ? 1 : 0;
    return taken;
  }

  private void onOpened(int partition, Result result, long[] lastSequences) {
    if (result instanceof Result.Rejected rejected) {
      fail(rejected.fault());
    } else if (result instanceof Result.Unknown unknown) {
      fail(unknown.fault());
    } else if (result instanceof Result.Opened open) {
      lastSequences[partition] = open.lastSequence();
      if (--left == 0 && !done) {
        done = true;
        events.opened(lastSequences);
      }
    }
  }

  private boolean offer(Partition partition, Request request) {
    boolean taken = partition.offer(request);
    if (!taken) {
      fail(topic.refusal(partition.number(), desk.control().retryDelay()));
    }
    return taken;
  }

  private static Fault stale() {
    return Fault.of(
        ErrorCode.STALE_OPEN,
        "a later open of this publisher object (`instance`) came before this one (`attempt`)");
  }

  private void fail(Fault fault) {
    if (!done) {
      done = true;
      events.end(fault);
    }
  }

  /** The session is nobody's newest any more. Once, also where it was never open. */
  void leave() {
    done = true;
    if (counted) {
      opens.left(claim.attempt());
    }
    for (Partition partition : topic.partitions().subList(0, entered)) {
      leave(partition);
    }
  }

  private void leave(Partition partition) {
    if (!partition.offer(new Request.Leave(claim.publisher())) && !partition.closing()) {
      loop.schedule(LEAVE_RETRY_NANOS, () -> leave(partition));
    }
  }
}
