package dev.weir.service.session;

import dev.weir.service.core.OwnedBy;
import dev.weir.service.wire.SensorKinds;
import java.util.Arrays;

/**
 * The sensor ids bound in a publishing session, with their kinds. Written by the event loop; the
 * control pool may read ids that were bound before it was handed the batch that uses them.
 */
@OwnedBy("event loop")
final class BoundIds implements SensorKinds {
  private static final int PAGE_BITS = 8;
  private static final int PAGE = 1 << PAGE_BITS;

  private byte[][] pages = new byte[4][];
  private Range alike = Range.NONE;

  @Override
  public int kindOf(int sensorId) {
    int page = sensorId >>> PAGE_BITS;
    byte[][] now = pages;
    return page < now.length && now[page] != null ? now[page][sensorId & PAGE - 1] : 0;
  }

  @Override
  public Range alike() {
    return alike;
  }

  void bind(int sensorId, int kind) {
    int page = sensorId >>> PAGE_BITS;
    if (page >= pages.length) {
      pages = Arrays.copyOf(pages, Math.max(page + 1, pages.length * 2));
    }
    if (pages[page] == null) {
      pages[page] = new byte[PAGE];
    }
    pages[page][sensorId & PAGE - 1] = (byte) kind;
    alike = alike.with(sensorId, kind);
  }
}
