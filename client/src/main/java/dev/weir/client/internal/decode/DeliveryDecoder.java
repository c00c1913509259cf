package dev.weir.client.internal.decode;

import com.google.protobuf.CodedInputStream;
import dev.weir.client.ReadingHandler;
import dev.weir.common.OwnedBy;
import dev.weir.common.protobuf.FieldTags;
import dev.weir.v1.Delivery;
import dev.weir.v1.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Takes deliveries apart and hands their readings over, in order. Owned by the subscriber. */
@OwnedBy("subscriber thread")
public final class DeliveryDecoder {
  private final DeliveredColumnsDecoder columns;
  private final DeliveryReader in = new DeliveryReader();

  private String cursor = "";
  private int readings;
  private long chargedReadings;
  private long chargedBytes;

  /** A decoder that finds sensors in this map. */
  public DeliveryDecoder(SensorMap sensors) {
    this.columns = new DeliveredColumnsDecoder(sensors);
  }

  /** Returns whether an encoded {@code SubscribeResponse} is a delivery. */
  public static boolean isDelivery(byte[] response) {
    return response.length > 0 && response[0] == FieldTags.DELIVERY;
  }

  /**
   * Hands over the readings of an encoded response that is a delivery. What the handler throws
   * passes through.
   *
   * @param rowCursors hears the cursor of each reading in the row form, after the handler took it
   */
  public void deliver(byte[] response, ReadingHandler handler, Consumer<String> rowCursors) {
    cursor = "";
    readings = 0;
    chargedReadings = 0;
    chargedBytes = 0;
    in.range(response, 0, response.length);
    in.varint();
    in.range(response, in.skipBytes(), in.at());
    while (in.left() > 0) {
      int tag = (int) in.varint();
      switch (tag) {
        case Delivery.CURSOR_FIELD_NUMBER << 3 | 2 -> cursor = text(response);
        case Delivery.CHARGED_READINGS_FIELD_NUMBER << 3 -> chargedReadings = in.varint();
        case Delivery.CHARGED_BYTES_FIELD_NUMBER << 3 -> chargedBytes = in.varint();
        case FieldTags.DELIVERY_BATCHES -> {
          int from = in.skipBytes();
          readings += columns.deliver(response, from, in.at(), handler);
        }
        case Delivery.READINGS_FIELD_NUMBER << 3 | 2 -> deliverRow(response, handler, rowCursors);
        default -> in.skip(tag & 7);
      }
    }
  }

  private String text(byte[] response) {
    int from = in.skipBytes();
    return new String(response, from, in.at() - from, StandardCharsets.UTF_8);
  }

  private void deliverRow(byte[] response, ReadingHandler handler, Consumer<String> rowCursors) {
    int from = in.skipBytes();
    Reading reading;
    try {
      reading = Reading.parseFrom(CodedInputStream.newInstance(response, from, in.at() - from));
    } catch (IOException e) {
      throw DeliveryReader.malformed();
    }
    handler.onReading(reading);
    readings++;
    rowCursors.accept(reading.getCursor());
  }

  /** Returns the position after the last delivery. */
  public String cursor() {
    return cursor;
  }

  /** Readings of the last delivery that were handed over. */
  public int readings() {
    return readings;
  }

  /** Returns what the last delivery charges against the readings credit. */
  public long chargedReadings() {
    return chargedReadings;
  }

  /** Returns what the last delivery charges against the bytes credit. */
  public long chargedBytes() {
    return chargedBytes;
  }
}
