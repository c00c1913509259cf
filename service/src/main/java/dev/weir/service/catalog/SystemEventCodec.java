package dev.weir.service.catalog;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.log.CheckpointState;
import dev.weir.v1.Durability;
import java.io.BufferedOutputStream;
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

/** The events of the system partition as bytes; the form is in docs/formats-folds.md. Stateless. */
final class SystemEventCodec {
  /** A topic by the first version, without retention; only read. */
  private static final byte TOPIC_CREATED = 1;

  private static final byte TOPIC_STORED = 2;
  private static final byte TOPIC_DELETED = 3;
  private static final byte TOPIC_PURGED = 4;
  private static final byte CURSOR_COMMITTED = 5;
  private static final byte CURSOR_DELETED = 6;

  private static final int BUFFER_BYTES = 1 << 13;

  private SystemEventCodec() {}

  /** Takes events one by one. */
  @FunctionalInterface
  interface Sink {
    void add(SystemEvent event) throws IOException;
  }

  /** The events that make topics and cursors, which must not change while they are written. */
  static CheckpointState state(TopicStore topics, CursorStore cursors) {
    return to -> {
      var out = new DataOutputStream(new BufferedOutputStream(to, BUFFER_BYTES));
      topics.write(event -> write(event, out));
      cursors.write(event -> write(event, out));
      out.flush();
    };
  }

  /** One event. */
  static Slice write(SystemEvent event) {
    return write(List.of(event));
  }

  /** A run of events. */
  static Slice write(List<SystemEvent> events) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      for (SystemEvent event : events) {
        write(event, out);
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return Slice.of(bytes.toByteArray());
  }

  private static void write(SystemEvent event, DataOutputStream out) throws IOException {
    if (event instanceof SystemEvent.TopicStored stored) {
      out.writeByte(TOPIC_STORED);
      write(stored.topic(), out);
    } else if (event instanceof SystemEvent.TopicDeleted deleted) {
      out.writeByte(TOPIC_DELETED);
      out.writeLong(deleted.logId());
    } else if (event instanceof SystemEvent.TopicPurged purged) {
      out.writeByte(TOPIC_PURGED);
      out.writeLong(purged.logId());
    } else if (event instanceof SystemEvent.CursorCommitted committed) {
      out.writeByte(CURSOR_COMMITTED);
      out.writeUTF(committed.name());
      out.writeUTF(committed.cursor().text());
      out.writeLong(committed.timeNanos());
    } else if (event instanceof SystemEvent.CursorDeleted deleted) {
      out.writeByte(CURSOR_DELETED);
      out.writeLong(deleted.logId());
      out.writeUTF(deleted.name());
    }
  }

  private static void write(TopicInfo topic, DataOutputStream out) throws IOException {
    out.writeUTF(topic.name());
    out.writeLong(topic.logId());
    out.writeByte(topic.partitionCount());
    out.writeByte(topic.durability().getNumber());
    out.writeLong(topic.createTimeNanos());
    out.writeLong(topic.updateTimeNanos());
    out.writeUTF(topic.requestId());
    out.writeLong(topic.settings().maxAgeNanos());
    out.writeLong(topic.settings().maxBytes());
    out.writeShort(topic.labels().size());
    for (var label : new TreeMap<>(topic.labels()).entrySet()) {
      out.writeUTF(label.getKey());
      out.writeUTF(label.getValue());
    }
  }

  /** The events that were written. */
  static List<SystemEvent> read(Slice events) throws IOException {
    List<SystemEvent> read = new ArrayList<>();
    try (var in =
        new DataInputStream(
            new ByteArrayInputStream(events.array(), events.offset(), events.length()))) {
      for (int type = in.read(); type >= 0; type = in.read()) {
        read.add(event(type, in));
      }
    }
    return read;
  }

  private static SystemEvent event(int type, DataInputStream in) throws IOException {
    return switch (type) {
      case TOPIC_CREATED, TOPIC_STORED ->
          new SystemEvent.TopicStored(topic(in, type == TOPIC_STORED));
      case TOPIC_DELETED -> new SystemEvent.TopicDeleted(in.readLong());
      case TOPIC_PURGED -> new SystemEvent.TopicPurged(in.readLong());
      case CURSOR_COMMITTED -> committed(in);
      case CURSOR_DELETED -> new SystemEvent.CursorDeleted(in.readLong(), in.readUTF());
      default ->
          throw new IOException(
              "a system event has type "
                  + type
                  + ", which this Weir does not know: use the newer Weir that wrote it");
    };
  }

  private static SystemEvent committed(DataInputStream in) throws IOException {
    String name = in.readUTF();
    Cursor cursor =
        Cursor.parse(in.readUTF())
            .orElseThrow(
                () ->
                    new IOException(
                        "the cursor "
                            + name
                            + " has a version that this Weir does not know: use the newer Weir that"
                            + " wrote it"));
    return new SystemEvent.CursorCommitted(name, cursor, in.readLong());
  }

  private static TopicInfo topic(DataInputStream in, boolean present) throws IOException {
    String name = in.readUTF();
    long logId = in.readLong();
    int partitionCount = in.readUnsignedByte();
    Durability durability = durability(name, in.readUnsignedByte());
    long createTimeNanos = in.readLong();
    long updateTimeNanos = present ? in.readLong() : 0;
    String requestId = in.readUTF();
    long maxAgeNanos = present ? in.readLong() : 0;
    long maxBytes = present ? in.readLong() : 0;
    Map<String, String> labels = new LinkedHashMap<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      labels.put(in.readUTF(), in.readUTF());
    }
    var settings = new TopicSettings(partitionCount, durability, maxAgeNanos, maxBytes, labels);
    return new TopicInfo(name, logId, settings, createTimeNanos, updateTimeNanos, requestId);
  }

  private static Durability durability(String topic, int number) throws IOException {
    Durability durability = Durability.forNumber(number);
    if (durability != Durability.DURABILITY_SYNCED
        && durability != Durability.DURABILITY_BUFFERED
        && durability != Durability.DURABILITY_MEMORY) {
      throw new IOException(
          "topic "
              + topic
              + " has durability "
              + number
              + ", which this Weir does not know: use the newer Weir that wrote it");
    }
    return durability;
  }
}
