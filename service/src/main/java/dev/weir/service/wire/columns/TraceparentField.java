package dev.weir.service.wire.columns;

import dev.weir.common.protobuf.FieldTags;
import dev.weir.common.protobuf.ProtobufReader;
import java.nio.charset.StandardCharsets;

/** The shape of a W3C trace context of version 00: {@code 00-<32 hex>-<16 hex>-<2 hex>}. */
public final class TraceparentField {
  static final int LENGTH = 55;
  public static final String RULE =
      "must be empty or \"00-<32 hex>-<16 hex>-<2 hex>\" in lower case";

  private static final int TRACE_ID_FROM = 3;
  private static final int SPAN_ID_FROM = 36;
  private static final int FLAGS_FROM = 53;

  private TraceparentField() {}

  public static boolean valid(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return valid(bytes, 0, bytes.length);
  }

  /** Takes the traceparent field of a batch; null if it has another shape. */
  public static String read(ProtobufReader batch, byte[] array) {
    if (!batch.tag(FieldTags.BATCH_TRACEPARENT)) {
      return null;
    }
    int length = batch.length();
    int from = batch.at();
    batch.skip(length);
    return valid(array, from, length)
        ? new String(array, from, length, StandardCharsets.US_ASCII)
        : null;
  }

  private static boolean valid(byte[] array, int from, int length) {
    if (length != LENGTH || array[from] != '0' || array[from + 1] != '0') {
      return false;
    }
    for (int i = 2; i < LENGTH; i++) {
      byte c = array[from + i];
      boolean dash = i == TRACE_ID_FROM - 1 || i == SPAN_ID_FROM - 1 || i == FLAGS_FROM - 1;
      boolean hex = c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
      if (dash ? c != '-' : !hex) {
        return false;
      }
    }
    return true;
  }
}
