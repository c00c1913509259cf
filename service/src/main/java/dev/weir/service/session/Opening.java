package dev.weir.service.session;

import dev.weir.service.core.Loop;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.fault.Fault;
import dev.weir.service.partition.Partition;
import dev.weir.service.partition.Publisher;
import dev.weir.service.partition.Request;
import dev.weir.service.partition.Result;
import dev.weir.service.partition.Topic;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Asks every partition of a topic about a producer, and gathers the answers. Owned by the event
 * loop; answers of the writers are posted to it.
 */
@OwnedBy("event loop")
final class Opening {
  private static final long LEAVE_RETRY_NANOS = 1_000_000_000L;

  private final Topic topic;
  private final Loop loop;
  private final Duration retryDelay;
  private final Consumer<Fault> failed;
  private int left;
  private long greatest;
  private int entered; // the first so many partitions have taken the session
  private boolean done;

  /**
   * @param retryDelay told where a partition's queue has no room
   * @param failed hears the first fault, once
   */
  Opening(Topic topic, Loop loop, Duration retryDelay, Consumer<Fault> failed) {
    this.topic = topic;
    this.loop = loop;
    this.retryDelay = retryDelay;
    this.failed = failed;
  }

  /** Finds the greatest epoch of a producer in any partition; 0 for none. */
  void greatestEpoch(String producer, LongConsumer found) {
    left = topic.partitions().size();
    for (Partition partition : topic.partitions()) {
      LongConsumer reply =
          epoch ->
              loop.post(
                  () -> {
                    greatest = Math.max(greatest, epoch);
                    if (--left == 0 && !done) {
                      done = true;
                      found.accept(greatest);
                    }
                  });
      if (!offer(partition, new Request.AskEpoch(producer, reply))) {
        return;
      }
    }
  }

  /** Makes a session the newest everywhere, and finds the last sequence per partition. */
  void open(Publisher publisher, boolean announce, Consumer<long[]> opened) {
    long[] lastSequences = new long[topic.partitions().size()];
    left = lastSequences.length;
    // One opening at a time: else each of two could be the newest somewhere, and both would end.
    synchronized (topic) {
      for (Partition partition : topic.partitions()) {
        Consumer<Result> reply =
            result -> loop.post(() -> onOpened(partition.number(), result, lastSequences, opened));
        if (!offer(partition, new Request.Open(publisher, announce, reply))) {
          return; // the session has left those before, and must not come to those behind
        }
        entered++;
      }
    }
  }

  private void onOpened(
      int partition, Result result, long[] lastSequences, Consumer<long[]> opened) {
    if (result instanceof Result.Rejected rejected) {
      fail(rejected.fault());
    } else if (result instanceof Result.Unknown unknown) {
      fail(unknown.fault());
    } else if (result instanceof Result.Opened open) {
      lastSequences[partition] = open.lastSequence();
      if (--left == 0 && !done) {
        done = true;
        opened.accept(lastSequences);
      }
    }
  }

  private boolean offer(Partition partition, Request request) {
    boolean taken = partition.offer(request);
    if (!taken) {
      fail(topic.refusal(partition.number(), retryDelay));
    }
    return taken;
  }

  private void fail(Fault fault) {
    if (!done) {
      done = true;
      failed.accept(fault);
    }
  }

  /** The session is nobody's newest any more. */
  void leave(Publisher publisher) {
    for (Partition partition : topic.partitions().subList(0, entered)) {
      leave(partition, publisher);
    }
  }

  private void leave(Partition partition, Publisher publisher) {
    if (!partition.offer(new Request.Leave(publisher)) && !partition.closing()) {
      loop.schedule(LEAVE_RETRY_NANOS, () -> leave(partition, publisher));
    }
  }
}
