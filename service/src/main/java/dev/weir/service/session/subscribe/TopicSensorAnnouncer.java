package dev.weir.service.session.subscribe;

import com.google.common.collect.AbstractIterator;
import com.google.common.collect.Iterators;
import com.google.common.collect.PeekingIterator;
import dev.weir.common.OwnedBy;
import dev.weir.service.catalog.DefinedSensor;
import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.core.LazyValue;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.session.SparseByteArray;
import dev.weir.service.topic.ServedTopic;
import dev.weir.service.wire.protobuf.OutgoingMessage;
import dev.weir.v1.Sensor;
import dev.weir.v1.Sensors;
import dev.weir.v1.SubscribeResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * Tells a session each sensor before the first use of its id. Remembers one bit per sensor of a
 * topic. Owned by the event loop.
 */
@OwnedBy("event loop")
public final class TopicSensorAnnouncer {
  private static final int MESSAGE_BYTES = 256 << 10;
  private static final int AROUND_BYTES = 512;
  private static final int ENTRY_BYTES = 8;
  private static final int BYTE_BITS = 3;

  /** The object, its prefixes and its place in a map. */
  private static final int FIXED_BYTES = 480;

  private final ServedTopic topic;
  private final Budget sessions;
  private final SparseByteArray told; // a bit for each id
  private boolean full;
  private long heldBytes;
  private int bytesMax;

  /**
   * @param messageBytesMax most bytes of a message; 0 for none stated
   * @param sessions is charged what is remembered
   */
  public TopicSensorAnnouncer(ServedTopic topic, int messageBytesMax, Budget sessions) {
    this.topic = topic;
    this.sessions = sessions;
    this.told = new SparseByteArray(sessions);
    this.full = !sessions.tryTake(FIXED_BYTES);
    this.heldBytes = full ? 0 : FIXED_BYTES;
    this.bytesMax = bytesMax(messageBytesMax);
  }

  private static int bytesMax(int messageBytesMax) {
    return (messageBytesMax == 0 ? MESSAGE_BYTES : messageBytesMax) - AROUND_BYTES;
  }

  /** From now on its messages are not larger than this either; 0 for none stated. */
  TopicSensorAnnouncer within(int messageBytesMax) {
    bytesMax = Math.min(bytesMax, bytesMax(messageBytesMax));
    return this;
  }

  /**
   * Messages that tell the sensors of some batches as far as they are not known, each made when it
   * is asked for. They count as told; where there is no room to remember that, {@link #isFull}.
   *
   * @param sensors the ids in each batch, found once for all who get it
   */
  public Iterator<OutgoingMessage> before(int partition, List<LazyValue<int[]>> sensors) {
    if (sensors.isEmpty() || knowsAll(partition)) {
      return Collections.emptyIterator();
    }
    List<DefinedSensor> unknown = new ArrayList<>();
    for (LazyValue<int[]> batch : sensors) {
      for (int id : batch.get()) {
        DefinedSensor sensor = isTold(id) ? null : topic.sensors().byId(id);
        if (sensor != null) {
          if (!tell(id)) {
            return Collections.emptyIterator();
          }
          unknown.add(sensor);
        }
      }
    }
    return unknown.isEmpty() ? Collections.emptyIterator() : messages(unknown.iterator());
  }

  private Iterator<OutgoingMessage> messages(Iterator<DefinedSensor> unknown) {
    PeekingIterator<DefinedSensor> left = Iterators.peekingIterator(unknown);
    return new AbstractIterator<>() {
      @Override
      protected OutgoingMessage computeNext() {
        return left.hasNext() ? message(left) : endOfData();
      }
    };
  }

  /** Takes as many as fit into one message, at least one. */
  private OutgoingMessage message(PeekingIterator<DefinedSensor> left) {
    Sensors.Builder message = Sensors.newBuilder().setTopic(topic.info().name());
    int bytes = 0;
    while (left.hasNext()) {
      Sensor next = left.peek().toSensor();
      bytes += next.getSerializedSize() + ENTRY_BYTES;
      if (bytes > bytesMax && message.getSensorsCount() > 0) {
        break;
      }
      message.addSensors(next);
      left.next();
    }
    return OutgoingMessage.of(SubscribeResponse.newBuilder().setSensors(message).build());
  }

  private boolean isTold(int id) {
    return (told.get(id >>> BYTE_BITS) & 1 << (id & Byte.SIZE - 1)) != 0;
  }

  private boolean tell(int id) {
    int at = id >>> BYTE_BITS;
    if (!told.tryMake(at)) {
      full = true;
      return false;
    }
    told.set(at, told.get(at) | 1 << (id & Byte.SIZE - 1));
    return true;
  }

  /** Returns whether something could not be remembered: nothing more may be told. */
  boolean isFull() {
    return full;
  }

  /** Nothing is remembered any more. */
  void close() {
    told.close();
    sessions.giveBack(heldBytes);
    heldBytes = 0;
  }

  /**
   * Returns whether all sensors of a partition are announced. If every sensor has a reading, that
   * is soon so.
   */
  private boolean knowsAll(int partition) {
    SensorCatalog sensors = topic.sensors();
    int count = sensors.count(partition);
    int known = knownPrefix(partition);
    return known >= count;
  }

  private final int[] prefixes = new int[dev.weir.service.core.cursor.Cursor.PARTITIONS_MAX];

  private int knownPrefix(int partition) {
    int partitions = topic.sensors().partitionCount();
    int prefix = prefixes[partition];
    int count = topic.sensors().count(partition);
    for (int id = prefix * partitions + partition;
        prefix < count && (isTold(id) || !topic.sensors().has(id)); // lost to damage
        id += partitions) {
      prefix++;
    }
    prefixes[partition] = prefix;
    return prefix;
  }
}
