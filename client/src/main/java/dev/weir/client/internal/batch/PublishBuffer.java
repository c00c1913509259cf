package dev.weir.client.internal.batch;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import dev.weir.client.OnFull;
import dev.weir.client.PublisherOptions;
import dev.weir.client.SensorOptions;
import dev.weir.client.WeirException;
import dev.weir.client.internal.errors.ErrorTranslator;
import dev.weir.v1.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The side of a publisher that callers touch: its sensors and, from the first session on, one
 * gather per partition. Thread-safe; waits only in the methods named await.
 */
public final class PublishBuffer {
  private static final HashFunction PARTITION_HASH = Hashing.murmur3_32_fixed(0);

  private final PublisherOptions options;
  private final PublishBufferBudget budget;
  private final LongSupplier clock;
  private final Runnable wake;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, BufferedSensor> byName = new HashMap<>();
  private final List<BufferedSensor> bySlot = new ArrayList<>();

  private volatile PartitionBuffer[] gathers;
  private volatile WeirException ended;
  private volatile String explanation = "";

  /**
   * An intake without sensors.
   *
   * @param wake makes the loop look at the intake; must be cheap
   */
  public PublishBuffer(PublisherOptions options, LongSupplier clock, Runnable wake) {
    this.options = options;
    this.budget = new PublishBufferBudget(options.bufferedBytesMax(), options.batchBytesMax());
    this.clock = clock;
    this.wake = wake;
  }

  /** The sensor of that name, made if it is new. */
  public BufferedSensor sensor(SensorOptions wanted) {
    BufferedSensor sensor;
    lock.lock();
    try {
      if (ended != null) {
        throw ended;
      }
      BufferedSensor known = byName.get(wanted.name());
      if (known != null) {
        return requireKind(known, wanted.kind());
      }
      if (bySlot.size() >= options.sensorsMax()) {
        throw ErrorTranslator.limitReached(
            "This publisher has sensorsMax ("
                + options.sensorsMax()
                + ") sensors. Raise sensorsMax, or use one more publisher.");
      }
      sensor = new BufferedSensor(wanted, bySlot.size(), this);
      byName.put(wanted.name(), sensor);
      bySlot.add(sensor);
    } finally {
      lock.unlock();
    }
    wake.run();
    return sensor;
  }

  private static BufferedSensor requireKind(BufferedSensor known, Kind wanted) {
    Kind kind = known.options().kind();
    if (kind != wanted) {
      throw ErrorTranslator.kindMismatch(
          "sensor " + known.options().name() + " is of " + kind + " in this publisher");
    }
    return known;
  }

  /** Returns the number of sensors; their slots are the numbers below. */
  public int sensorCount() {
    lock.lock();
    try {
      return bySlot.size();
    } finally {
      lock.unlock();
    }
  }

  /** The sensors of some slots. */
  public List<BufferedSensor> sensors(int fromSlot, int toSlot) {
    lock.lock();
    try {
      return List.copyOf(bySlot.subList(fromSlot, Math.min(toSlot, bySlot.size())));
    } finally {
      lock.unlock();
    }
  }

  /** The first session is open: readings can be taken. */
  public PartitionBuffer[] open(int partitionCount, BatchBounds bounds) {
    PartitionBuffer[] made = new PartitionBuffer[partitionCount];
    for (int i = 0; i < partitionCount; i++) {
      made[i] = new PartitionBuffer(bounds, budget, clock, wake);
    }
    lock.lock();
    try {
      if (ended != null) {
        for (PartitionBuffer gather : made) {
          gather.end(ended);
        }
      }
      gathers = made;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return made;
  }

  /** Sets the bounds of the batches that are begun from now on. */
  public void bound(BatchBounds bounds) {
    for (PartitionBuffer gather : gathers) {
      gather.bound(bounds);
    }
  }

  /** Refuses sensors and readings from now on, and wakes everybody who waits. */
  public void end(WeirException cause) {
    lock.lock();
    try {
      if (ended == null) {
        ended = cause;
      }
      if (gathers != null) {
        for (PartitionBuffer gather : gathers) {
          gather.end(cause);
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    budget.end();
  }

  /** Returns why nothing is taken any more, or null. */
  public WeirException ended() {
    return ended;
  }

  /** Notes the publisher's position; only with a spool, which has one gather for everything. */
  public void mark(String position) {
    gathers[0].mark(position);
  }

  /** Sets the reason why there may be no room for long; empty: none. */
  public void explain(String why) {
    explanation = why;
  }

  /** Gives back what a settled batch held. */
  public void release(int bytes) {
    budget.release(bytes);
  }

  PartitionBuffer gatherOrNull(String sensor) {
    PartitionBuffer[] all = gathers;
    return all == null ? null : all[partitionOf(sensor, all.length)];
  }

  /** Waits for the first session, as the options allow. */
  PartitionBuffer awaitGather(String sensor) {
    PartitionBuffer present = gatherOrNull(sensor);
    if (present != null) {
      return present;
    }
    long left = waitNanos("No session with the server is open yet.");
    lock.lock();
    try {
      while (gathers == null && ended == null && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      lock.unlock();
    }
    if (gathers != null) {
      return gatherOrNull(sensor);
    }
    throw ended != null ? ended : timedOut("no session with the server could be opened.");
  }

  /** Repeats an offer until there is room, as the options allow. */
  <T> T awaitRoom(Supplier<T> offer) {
    long left = waitNanos("The publisher has no room: " + noRoom());
    while (left > 0) {
      try {
        left = budget.awaitRoom(left);
      } catch (InterruptedException e) {
        throw interrupted();
      }
      T taken = offer.get();
      if (taken != null) {
        return taken;
      }
    }
    throw timedOut(noRoom());
  }

  /** The partition of a sensor, part of the durable format. */
  public static int partitionOf(String sensor, int partitionCount) {
    int hash = PARTITION_HASH.hashString(sensor, StandardCharsets.UTF_8).asInt();
    return Integer.remainderUnsigned(hash, partitionCount);
  }

  private String noRoom() {
    return budget.text()
        + explanation
        + ". Publish less, use tryPublish, or raise bufferedBytesMax.";
  }

  private long waitNanos(String why) {
    if (options.onFull() == OnFull.REFUSE) {
      throw new WeirException(WeirException.BACK_PRESSURED, 8, why);
    }
    return TimeUnit.NANOSECONDS.convert(options.blockTimeout());
  }

  private WeirException timedOut(String why) {
    return new WeirException(
        WeirException.BLOCK_TIMEOUT,
        4,
        "publish waited for blockTimeout (" + options.blockTimeout().toMillis() + " ms): " + why);
  }

  private static WeirException interrupted() {
    Thread.currentThread().interrupt();
    return new WeirException(
        WeirException.BLOCK_TIMEOUT,
        1,
        "The calling thread was interrupted while publish waited. The reading was not taken.");
  }
}
