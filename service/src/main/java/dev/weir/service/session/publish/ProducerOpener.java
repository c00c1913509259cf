package dev.weir.service.session.publish;

import dev.weir.common.Loop;
import dev.weir.common.OwnedBy;
import dev.weir.service.admission.StaleOpenCheck;
import dev.weir.service.core.fault.ErrorCode;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.sequence.ProducerEpochs;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.PartitionRequest;
import dev.weir.service.partition.PartitionResult;
import dev.weir.service.partition.ProducerSession;
import dev.weir.service.session.ServerContext;
import dev.weir.service.topic.ServedTopic;
import dev.weir.v1.PublishOpen;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Opens a producer's session in every partition of a topic, and gathers the answers. Owned by the
 * event loop; answers of the writers are posted to it.
 */
@OwnedBy("event loop")
final class ProducerOpener {
  /** The feature of clients that are told what nobody knows, instead of losing their session. */
  static final String OUTCOME_UNKNOWN = "outcome_unknown";

  private static final long LEAVE_RETRY_NANOS = 1_000_000_000L;

  /**
   * The producer's epoch that a session opens.
   *
   * @param publisher the session
   * @param epoch its epoch; 0 for the greatest of any partition plus one
   * @param announce the epoch is a record of every partition before the session is open
   * @param knowsDoubt the client understands that nobody knows of a batch whether it is stored
   * @param attempt which open of its publisher object it is
   */
  record Claim(
      ProducerSession publisher,
      long epoch,
      boolean announce,
      boolean knowsDoubt,
      StaleOpenCheck.Attempt attempt) {
    /** Returns the producer that a client asks for; one that the server made up has epoch 1. */
    static Claim of(ProducerSession publisher, ServedTopic topic, PublishOpen open) {
      boolean madeUp = open.getProducer().isEmpty();
      return new Claim(
          publisher,
          madeUp ? 1 : open.getEpoch(),
          !madeUp,
          open.getFeaturesList().contains(OUTCOME_UNKNOWN),
          new StaleOpenCheck.Attempt(
              topic.info().logId(), publisher.producer(), open.getInstance(), open.getAttempt()));
    }
  }

  /** Hears of an opening, on the event loop. */
  interface Events {
    /** The session has this epoch, and is opened with it next. */
    void claims(long epoch);

    /** It is open. */
    void opened(List<PartitionResult.Opened> partitions);

    /** It cannot be opened; once, and instead of {@link #opened}. */
    void end(Fault fault);
  }

  private final ServerContext context;
  private final ServedTopic topic;
  private final Loop loop;
  private final Claim claim;
  private final Events events;
  private final StaleOpenCheck staleOpens;
  private final PartitionResult.Opened[] partitions;
  private int left;
  private long greatest;
  private int entered; // the first so many partitions have taken the session
  private boolean counted; // among the opens of its producer
  private boolean done;

  ProducerOpener(ServerContext context, ServedTopic topic, Loop loop, Claim claim, Events events) {
    this.context = context;
    this.topic = topic;
    this.loop = loop;
    this.claim = claim;
    this.events = events;
    this.staleOpens = context.admission().staleOpens();
    this.partitions = new PartitionResult.Opened[topic.partitions().size()];
  }

  /** Begins; an open that is not the newest of its publisher object changes nothing. */
  void start() {
    if (staleOpens.isStaleOnArrival(claim.attempt())) {
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
      if (!offer(partition, new PartitionRequest.AskEpoch(producer, reply))) {
        return;
      }
    }
  }

  private void onEpoch(long epoch) {
    greatest = Math.max(greatest, epoch);
    if (--left > 0 || done) {
      return;
    }
    if (greatest >= ProducerEpochs.MAX) {
      fail(PublishOpenCheck.epochsUsedUp(claim.publisher().producer(), greatest));
    } else {
      open(greatest + 1);
    }
  }

  private void open(long epoch) {
    events.claims(epoch);
    if (topic.partitions().stream().anyMatch(Partition::poisoned)) {
      lookFirst();
    } else {
      enterAll();
    }
  }

  /**
   * Asks all partitions first: an opening that stopped partitions refuse must not end the session
   * before.
   */
  private void lookFirst() {
    left = partitions.length;
    for (Partition partition : topic.partitions()) {
      int number = partition.number();
      Consumer<PartitionResult> reply =
          result -> loop.post(() -> onAnswer(number, result, this::enterAll));
      if (!offer(partition, new PartitionRequest.CheckOpen(claim.publisher(), reply))) {
        return;
      }
    }
  }

  /** Makes the session the newest everywhere, and finds the last sequence per partition. */
  private void enterAll() {
    left = partitions.length;
    boolean stale;
    // One opening at a time: else each of two could be the newest somewhere, and both would end.
    synchronized (topic) {
      stale = staleOpens.isStale(claim.attempt()); // in here: a later one comes behind this one
      for (int p = 0; !stale && p < partitions.length; p++) {
        if (!enter(topic.partitions().get(p))) {
          return; // the session has left those before, and must not come to those behind
        }
      }
    }
    if (stale) {
      fail(stale());
    }
  }

  private boolean enter(Partition partition) {
    int number = partition.number();
    Consumer<PartitionResult> reply =
        result -> loop.post(() -> onAnswer(number, result, this::succeed));
    boolean taken =
        offer(partition, new PartitionRequest.Open(claim.publisher(), claim.announce(), reply));
    entered += taken ? 1 : 0;
    return taken;
  }

  /** Goes on once every partition has answered, unless one refuses or nothing would fence. */
  private void onAnswer(int partition, PartitionResult result, Runnable next) {
    if (result instanceof PartitionResult.Rejected rejected) {
      fail(rejected.fault());
    } else if (result instanceof PartitionResult.Unknown unknown) {
      fail(unknown.fault());
    } else if (result instanceof PartitionResult.Opened open) {
      partitions[partition] = open;
      if (--left == 0 && !done) {
        whyNot().ifPresentOrElse(this::fail, next);
      }
    }
  }

  private void succeed() {
    done = true;
    events.opened(List.of(partitions));
  }

  /**
   * Returns the reason against opening where partitions are stopped: a client that takes what is in
   * doubt for not stored, and an epoch that none of them has stored, so that it would not fence.
   */
  private Optional<Fault> whyNot() {
    boolean hasEpoch = !claim.announce();
    Optional<Fault> inDoubt = Optional.empty();
    Optional<Fault> stopped = Optional.empty();
    for (PartitionResult.Opened partition : partitions) {
      PartitionResult.Stopped state = partition.stopped().orElse(null);
      hasEpoch |= state == null || state.hasEpoch();
      if (state != null) {
        stopped = Optional.of(state.why());
        inDoubt = state.inDoubtThrough() > 0 ? stopped : inDoubt;
      }
    }
    if (!hasEpoch) {
      return stopped;
    }
    return claim.knowsDoubt() ? Optional.empty() : inDoubt;
  }

  private boolean offer(Partition partition, PartitionRequest request) {
    boolean taken = partition.offer(request);
    if (!taken) {
      fail(topic.refusal(partition.number(), context.control().retryDelay()));
    }
    return taken;
  }

  private Fault stale() {
    StaleOpenCheck.Attempt stale = claim.attempt();
    return Fault.of(
        ErrorCode.STALE_OPEN,
        String.format(
            "This open (attempt %d) is older than the newest one of instance %s that has arrived"
                + " (attempt %d). Leave this call. To take the session over, open with a greater"
                + " attempt. A publisher whose state was restored from an older copy needs a new"
                + " instance.",
            stale.number(),
            Long.toUnsignedString(stale.instance()),
            staleOpens.newestNumber(stale)));
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
      staleOpens.left(claim.attempt());
    }
    for (Partition partition : topic.partitions().subList(0, entered)) {
      leave(partition);
    }
  }

  private void leave(Partition partition) {
    if (!partition.offer(new PartitionRequest.Leave(claim.publisher())) && !partition.closing()) {
      loop.schedule(LEAVE_RETRY_NANOS, () -> leave(partition));
    }
  }
}
