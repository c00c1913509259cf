package dev.weir.service.sim;

import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.PublishBatch;
import dev.weir.v1.PublishStreamRequest;
import dev.weir.v1.Reading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What one process of a producer has to send to one partition. Owned by one world. */
final class PartitionProducer {
  private static final long RETRY_NANOS_MAX = 20_000_000L;
  private static final int WAITING_MAX = 12;

  private final SimWorld world;
  private final SimProducer producer;
  private final int partition;
  private final boolean again;

  /** Sent in this call and not answered, in order. */
  private final Deque<SentBatch> sent = new ArrayDeque<>();

  /** To be sent; those with a sequence were sent before. */
  private final Deque<SentBatch> waiting = new ArrayDeque<>();

  /** Refused since all were answered last. */
  private final List<SentBatch> rejected = new ArrayList<>();

  /** Of these nobody knows before the partition is served again. */
  private final List<SentBatch> doubtful = new ArrayList<>();

  /** Numbers are in doubt: nothing is sent. */
  private boolean stopped;

  private long lastAcked;
  private long lastSent;
  private long mostSent;
  private boolean known;
  private boolean rejecting;
  private boolean pausing;

  PartitionProducer(SimWorld world, SimProducer producer, int partition, boolean again) {
    this.world = world;
    this.producer = producer;
    this.partition = partition;
    this.again = again;
  }

  /** Makes one more batch; false if too many wait. */
  boolean make() {
    if (waiting.size() + sent.size() + doubtful.size() >= WAITING_MAX) {
      return false;
    }
    waiting.add(batch());
    return true;
  }

  private SentBatch batch() {
    Random random = world.random();
    int readings = 1 + random.nextInt(random.nextInt(6) == 0 ? SentBatch.READINGS_MAX - 1 : 3);
    String[] sensors = new String[readings];
    long[] heights = new long[readings];
    for (int i = 0; i < readings; i++) {
      sensors[i] = world.sensor(partition, random.nextInt(SimWorld.SENSORS));
      heights[i] = random.nextInt(SimWorld.HEIGHTS);
    }
    return world.book.batch(producer.name(), partition, sensors, heights);
  }

  /**
   * A new call is open, behind a sequence.
   *
   * @param inDoubtThrough numbers behind it, up to this one, may be stored, which nobody knows yet;
   *     they may be those of a process before; 0 for none
   */
  void opened(long last, long inDoubtThrough) {
    stopped = inDoubtThrough > last;
    CommittedHistory kept = world.book.partition(partition);
    if (last < lastAcked) {
      world.book.fail("%s/%s: opened behind %s, acked %s", producer, partition, last, lastAcked);
    } else if (last > kept.lastSequence(producer.name())) {
      world.book.fail("%s/%s: opened behind %s, not committed", producer, partition, last);
    } else if (known && last > mostSent) {
      world.book.fail("%s/%s: opened behind %s, sent %s", producer, partition, last, mostSent);
    }
    known = true;
    while (!again && !waiting.isEmpty() && isStored(waiting.peek(), last)) {
      acked(waiting.remove());
    }
    lastAcked = again ? lastAcked : last;
    if (again && waiting.stream().noneMatch(one -> one.sequence > 0)) {
      lastAcked = Math.max(lastAcked, last); // of a process before
    }
    lastSent = lastAcked;
    mostSent = Math.max(mostSent, Math.max(lastSent, inDoubtThrough));
  }

  private static boolean isStored(SentBatch one, long last) {
    return one.sequence > 0 && one.sequence <= last;
  }

  /** The next message, if there is one. */
  PublishStreamRequest next() {
    if (stopped || rejecting || pausing || waiting.isEmpty()) {
      return null;
    }
    SentBatch next = waiting.remove();
    next.sequence = ++lastSent;
    mostSent = Math.max(mostSent, lastSent);
    sent.add(next);
    return PublishStreamRequest.newBuilder()
        .setBatch(
            PublishBatch.newBuilder()
                .setPartition(partition)
                .setSequence(next.sequence)
                .setBatch(bytes(next)))
        .build();
  }

  private Batch bytes(SentBatch of) {
    Map<String, Integer> bound = producer.bound();
    boolean named = of.id % 5 == 0 || !List.of(of.sensors).stream().allMatch(bound::containsKey);
    Batch.Builder batch = Batch.newBuilder();
    if (named) {
      for (int i = 0; i < of.values.length; i++) {
        Reading.Builder row = Reading.newBuilder().setSensor(of.sensors[i]);
        batch.addRows(row.setTime(world.eventTime(of, i)).setInteger(of.values[i]));
      }
      return batch.build();
    }
    Columns.Builder columns =
        Columns.newBuilder()
            .setCount(of.values.length)
            .setTimeBase(world.eventNanos(of))
            .setTimeStep(1);
    for (int i = 0; i < of.values.length; i++) {
      columns.addSensorIds(bound.get(of.sensors[i])).addIntegers(of.values[i]);
    }
    return batch.addColumns(columns).build();
  }

  /** Acknowledged through a sequence. Returns how many batches that settles. */
  int ack(long through) {
    if (through > lastSent) {
      world.book.fail("%s/%s: acked %s, sent %s", producer, partition, through, lastSent);
    }
    int settled = 0;
    while (!sent.isEmpty() && sent.peek().sequence <= through) {
      acked(sent.remove());
      settled++;
    }
    lastAcked = Math.max(lastAcked, through);
    if (rejecting && sent.isEmpty() && !stopped) {
      goOn();
    }
    return settled;
  }

  private void acked(SentBatch one) {
    world.book.acked(one);
    lastAcked = Math.max(lastAcked, one.sequence);
  }

  /** Nobody knows of a batch whether it is stored. */
  void unknown(long sequence) {
    SentBatch one =
        sent.stream().filter(each -> each.sequence == sequence).findFirst().orElse(null);
    if (one == null) {
      world.book.fail("%s/%s: %s unknown, not under way", producer, partition, sequence);
      return;
    }
    stopped = true;
    sent.remove(one);
    doubtful.add(one);
  }

  /** A batch was refused: what is behind it will be too. */
  void reject(long sequence) {
    SentBatch refused =
        sent.stream().filter(one -> one.sequence == sequence).findFirst().orElse(null);
    if (refused == null) {
      world.book.fail("%s/%s: rejected %s, not under way", producer, partition, sequence);
      return;
    }
    if (!again) {
      world.book.refused(refused); // where it was sent before, `opened` said that it is not stored
    }
    sent.remove(refused);
    rejecting = true;
    rejected.add(refused);
    if (sent.isEmpty() && !stopped) {
      goOn();
    }
  }

  /** All are answered: go on behind the last one acknowledged, with other readings. */
  private void goOn() {
    rejecting = false;
    List<SentBatch> rest = new ArrayList<>(waiting);
    waiting.clear();
    rejected.sort(Comparator.comparingLong(one -> one.sequence));
    rejected.forEach(one -> waiting.add(again ? one : batch()));
    rejected.clear();
    waiting.addAll(rest);
    lastSent = lastAcked;
    pausing = true;
    world.schedule.after(
        world.below(RETRY_NANOS_MAX),
        producer.line,
        () -> {
          pausing = false;
          producer.pump();
        });
  }

  /** The call is over: what was not answered is sent again, behind what the next call says. */
  void over() {
    List<SentBatch> open = new ArrayList<>(doubtful);
    doubtful.clear();
    open.addAll(sent);
    if (again) {
      open.addAll(rejected);
      open.sort(Comparator.comparingLong(one -> one.sequence));
    } else {
      rejected.forEach(one -> open.add(batch()));
    }
    open.addAll(waiting);
    sent.clear();
    rejected.clear();
    rejecting = false;
    waiting.clear();
    waiting.addAll(open);
  }

  boolean done() {
    return waiting.isEmpty() && sent.isEmpty() && rejected.isEmpty() && doubtful.isEmpty();
  }

  @Override
  public String toString() {
    return partition
        + ": "
        + sent.size()
        + " under way, "
        + waiting.size()
        + " waiting, acked "
        + lastAcked
        + (stopped ? ", stopped with " + doubtful.size() + " in doubt" : "")
        + (rejecting ? ", rejecting" : "")
        + (pausing ? ", pausing" : "");
  }
}
