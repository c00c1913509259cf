package dev.weir.service.wire.protobuf;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.service.core.Slice;
import dev.weir.v1.Delivery;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * One outgoing message: a header of its own and bytes shared with the tail and other subscribers.
 * Immutable.
 */
public final class OutgoingMessage {
  private static final Slice[] NOTHING_SHARED = {};

  private final byte[] header;
  private final Slice[] shared;
  private final int length;

  private OutgoingMessage(byte[] header, Slice[] shared, int sharedBytes) {
    this.header = header;
    this.shared = shared;
    this.length = Math.addExact(header.length, sharedBytes);
  }

  /** A message that shares nothing. */
  public static OutgoingMessage of(MessageLite message) {
    return new OutgoingMessage(message.toByteArray(), NOTHING_SHARED, 0);
  }

  /**
   * A message in parts.
   *
   * @param rest all but what is in the parts
   * @param parts encoded fields of the same message
   */
  public static OutgoingMessage of(MessageLite rest, List<Slice> parts) {
    return new OutgoingMessage(rest.toByteArray(), parts.toArray(NOTHING_SHARED), bytes(parts));
  }

  private static int bytes(List<Slice> parts) {
    int bytes = 0;
    for (Slice part : parts) {
      bytes = Math.addExact(bytes, part.length());
    }
    return bytes;
  }

  /**
   * A SubscribeResponse or TailResponse (both number it alike) that holds one Delivery. It charges
   * the bytes of its parts.
   *
   * @param subscription the subscription's id; 0 in a Tail
   * @param cursor the position behind this delivery
   * @param partition the partition
   * @param readings readings in the parts
   * @param parts encoded entries of Delivery.batches or Delivery.readings; an entry may be cut into
   *     several parts, such as a prefix of {@link DeliveryBatchPrefix} and the batch
   */
  public static OutgoingMessage delivery(
      int subscription, String cursor, int partition, long readings, List<Slice> parts) {
    Slice[] shared = parts.toArray(NOTHING_SHARED);
    int sharedBytes = bytes(parts);
    int bodyBytes = deliveryFieldBytes(subscription, cursor, partition, readings, sharedBytes);
    int deliveryBytes = Math.addExact(bodyBytes, sharedBytes);
    byte[] header =
        new byte[1 + CodedOutputStream.computeUInt32SizeNoTag(deliveryBytes) + bodyBytes];
    CodedOutputStream out = CodedOutputStream.newInstance(header);
    try {
      out.writeUInt32NoTag(FieldTags.DELIVERY);
      out.writeUInt32NoTag(deliveryBytes);
      if (subscription != 0) {
        out.writeUInt32(Delivery.SUBSCRIPTION_FIELD_NUMBER, subscription);
      }
      out.writeString(Delivery.CURSOR_FIELD_NUMBER, cursor);
      if (partition != 0) {
        out.writeUInt32(Delivery.PARTITION_FIELD_NUMBER, partition);
      }
      out.writeUInt64(Delivery.CHARGED_READINGS_FIELD_NUMBER, readings);
      out.writeUInt64(Delivery.CHARGED_BYTES_FIELD_NUMBER, sharedBytes);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("the header's size was computed wrongly", e);
    }
    return new OutgoingMessage(header, shared, sharedBytes);
  }

  private static int deliveryFieldBytes(
      int subscription, String cursor, int partition, long readings, int sharedBytes) {
    int bytes = CodedOutputStream.computeStringSize(Delivery.CURSOR_FIELD_NUMBER, cursor);
    if (subscription != 0) {
      bytes +=
          CodedOutputStream.computeUInt32Size(Delivery.SUBSCRIPTION_FIELD_NUMBER, subscription);
    }
    if (partition != 0) {
      bytes += CodedOutputStream.computeUInt32Size(Delivery.PARTITION_FIELD_NUMBER, partition);
    }
    bytes += CodedOutputStream.computeUInt64Size(Delivery.CHARGED_READINGS_FIELD_NUMBER, readings);
    bytes += CodedOutputStream.computeUInt64Size(Delivery.CHARGED_BYTES_FIELD_NUMBER, sharedBytes);
    return bytes;
  }

  /** Bytes of the message. */
  public int length() {
    return length;
  }

  /** Writes the message, each part in one call. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(header);
    for (Slice part : shared) {
      out.write(part.array(), part.offset(), part.length());
    }
  }

  /** The message as a stream of its own, for readers that do not drain. */
  public InputStream stream() {
    return new OutgoingMessageStream(this);
  }

  /** Number of parts, the header included. */
  int partCount() {
    return shared.length + 1;
  }

  /** A part; 0 is the header. */
  Slice part(int index) {
    return index == 0 ? Slice.of(header) : shared[index - 1];
  }
}
