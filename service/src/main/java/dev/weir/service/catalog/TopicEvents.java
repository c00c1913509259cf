package dev.weir.service.catalog;

import dev.weir.service.core.Slice;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The events of the system partition as bytes; the form is in docs/formats.md. Stateless. */
final class TopicEvents {
  private static final byte TOPIC_CREATED = 1;

  /** The number of {@code DURABILITY_SYNCED}; the only level there is. */
  private static final byte SYNCED = 1;

  private TopicEvents() {}

  /** One event per topic. */
  static Slice created(List<TopicInfo> topics) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      for (TopicInfo topic : topics) {
        out.writeByte(TOPIC_CREATED);
        out.writeUTF(topic.name());
        out.writeLong(topic.logId());
        out.writeByte(topic.partitionCount());
        out.writeByte(SYNCED);
        out.writeLong(topic.createTimeNanos());
        out.writeUTF(topic.requestId());
        out.writeShort(topic.labels().size());
        for (var label : new TreeMap<>(topic.labels()).entrySet()) {
          out.writeUTF(label.getKey());
          out.writeUTF(label.getValue());
        }
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return Slice.of(bytes.toByteArray());
  }

  /** The topics created by the events. */
  static List<TopicInfo> list(Slice events) throws IOException {
    List<TopicInfo> topics = new ArrayList<>();
    try (var in =
        new DataInputStream(
            new ByteArrayInputStream(events.array(), events.offset(), events.length()))) {
      for (int type = in.read(); type >= 0; type = in.read()) {
        if (type != TOPIC_CREATED) {
          throw new IOException(
              "system event of type " + type + ": written by a newer Weir; start that one");
        }
        topics.add(topic(in));
      }
    }
    return topics;
  }

  private static TopicInfo topic(DataInputStream in) throws IOException {
    String name = in.readUTF();
    long logId = in.readLong();
    int partitionCount = in.readUnsignedByte();
    int durability = in.readUnsignedByte();
    if (durability != SYNCED) {
      throw new IOException(
          "topic " + name + " has durability " + durability + ": start a newer Weir");
    }
    long createTimeNanos = in.readLong();
    String requestId = in.readUTF();
    Map<String, String> labels = new LinkedHashMap<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      labels.put(in.readUTF(), in.readUTF());
    }
    return new TopicInfo(name, logId, partitionCount, labels, createTimeNanos, requestId);
  }
}
