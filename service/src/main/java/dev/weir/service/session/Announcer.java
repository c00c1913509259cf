package dev.weir.service.session;

import dev.weir.service.catalog.SensorCatalog;
import dev.weir.service.catalog.SensorInfo;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.Slice;
import dev.weir.service.partition.Topic;
import dev.weir.service.wire.Frame;
import dev.weir.service.wire.SensorIds;
import dev.weir.v1.Sensors;
import dev.weir.v1.SubscribeResponse;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Tells a session each sensor before the first use of its id. Remembers one bit per sensor of a
 * topic. Owned by the event loop.
 */
@OwnedBy("event loop")
final class Announcer {
  private static final int SENSORS_PER_MESSAGE = 1_000;

  private final Topic topic;
  private final BitSet told = new BitSet();

  Announcer(Topic topic) {
    this.topic = topic;
  }

  /** Messages that tell the sensors of some batches as far as they are not known. */
  List<Frame> before(int partition, List<Slice> batches) {
    if (batches.isEmpty() || knowsAll(partition)) {
      return List.of();
    }
    List<SensorInfo> unknown = new ArrayList<>();
    for (Slice batch : batches) {
      for (int id : SensorIds.distinct(batch)) {
        SensorInfo sensor = told.get(id) ? null : topic.sensors().byId(id);
        if (sensor != null) {
          told.set(id);
          unknown.add(sensor);
        }
      }
    }
    List<Frame> messages = new ArrayList<>();
    for (int from = 0; from < unknown.size(); from += SENSORS_PER_MESSAGE) {
      int to = Math.min(unknown.size(), from + SENSORS_PER_MESSAGE);
      messages.add(message(unknown.subList(from, to)));
    }
    return messages;
  }

  /** Ids of a partition are every n-th one, so its newest being told says most often enough. */
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
        prefix < count && (told.get(id) || topic.sensors().byId(id) == null); // lost to damage
        id += partitions) {
      prefix++;
    }
    prefixes[partition] = prefix;
    return prefix;
  }

  private Frame message(List<SensorInfo> sensors) {
    Sensors.Builder message = Sensors.newBuilder().setTopic(topic.info().name());
    sensors.forEach(sensor -> message.addSensors(sensor.toSensor()));
    return Frame.of(SubscribeResponse.newBuilder().setSensors(message).build());
  }
}
