package dev.weir.service.session;

import dev.weir.service.core.fault.Fault;
import dev.weir.service.core.fault.FaultException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32C;

/**
 * The token of the next page of a list, as clients hand it back: with a checksum over the list's
 * name, so that no other text passes for one. Stateless.
 */
public final class PageToken {
  /** A topic's name, a sensor's id, or the name of a durable subscription, and the checksum. */
  private static final int TEXT_LENGTH_MAX = 1_024;

  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private PageToken() {}

  /**
   * The token of a page.
   *
   * @param list the method, such as "ListTopics"
   * @param place where the page begins; "" for none, which has the token ""
   */
  public static String of(String list, String place) {
    if (place.isEmpty()) {
      return "";
    }
    byte[] bytes = place.getBytes(StandardCharsets.UTF_8);
    byte[] token = Arrays.copyOf(bytes, bytes.length + Integer.BYTES);
    int sum = sum(list, bytes);
    for (int i = 0; i < Integer.BYTES; i++) {
      token[bytes.length + i] = (byte) (sum >>> Byte.SIZE * i);
    }
    return ENCODER.encodeToString(token);
  }

  /**
   * The place that a token names; "" for the first page.
   *
   * @throws FaultException INVALID_ARGUMENT where it is no token of that list
   */
  public static String place(String list, String token) {
    if (token.isEmpty()) {
      return "";
    }
    String place = placeOrNone(token);
    if (!of(list, place).equals(token)) {
      throw none(list);
    }
    return place;
  }

  /**
   * The place that a token names, where places are numbers from 0; 0 for the first page.
   *
   * @throws FaultException as {@link #place}
   */
  public static int number(String list, String token) {
    String place = place(list, token);
    try {
      return place.isEmpty() ? 0 : Integer.parseUnsignedInt(place);
    } catch (NumberFormatException forged) {
      throw none(list);
    }
  }

  private static FaultException none(String list) {
    return Fault.invalid(
            "page_token", "is not a next_page_token of " + list + "; leave it out to begin anew")
        .exception();
  }

  private static String placeOrNone(String token) {
    if (token.length() > TEXT_LENGTH_MAX) {
      return "";
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(token);
      int length = Math.max(0, bytes.length - Integer.BYTES);
      return new String(bytes, 0, length, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notBase64) {
      return "";
    }
  }

  private static int sum(String list, byte[] place) {
    CRC32C sum = new CRC32C();
    sum.update(list.getBytes(StandardCharsets.UTF_8));
    sum.update(place);
    return (int) sum.getValue();
  }
}
