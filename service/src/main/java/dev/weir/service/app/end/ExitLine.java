package dev.weir.service.app.end;

import dev.weir.common.OwnedBy;
import java.nio.charset.StandardCharsets;

/**
 * The last line of a process, put together in bytes that were there before: it allocates nothing,
 * because there may be nothing left. Owned by the one thread that ends the process.
 */
@OwnedBy("thread that ends the process")
final class ExitLine {
  private static final int BYTES_MAX = 1_024;
  private static final int TEXT_CHARS_MAX = 300;
  private static final byte[] BEGIN = ascii("weir: this process ends at once with code 70: ");
  private static final byte[] ON = ascii(" on thread ");
  private static final byte[] SAYING = ascii(": ");
  private static final byte[] END =
      ascii(
          ". SYNCED and BUFFERED topics keep everything that was acknowledged; MEMORY topics will"
              + " be empty. Start the server again.\n");

  private final byte[] bytes = new byte[BYTES_MAX];
  private int length;

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Makes the line.
   *
   * @param what the event
   * @param thread where it was
   * @param detail more about it; null for none
   */
  void set(byte[] what, String thread, String detail) {
    length = 0;
    add(BEGIN);
    add(what);
    add(ON);
    add(thread);
    if (detail != null) {
      add(SAYING);
      add(detail);
    }
    add(END);
  }

  private void add(byte[] more) {
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
  }

  /** One byte each; what is not printable ASCII would be more, or another line. */
  private void add(String more) {
    int chars = Math.min(more.length(), TEXT_CHARS_MAX);
    for (int i = 0; i < chars; i++) {
      char c = more.charAt(i);
      bytes[length++] = (byte) (c >= ' ' && c <= '~' ? c : '?');
    }
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }
}
