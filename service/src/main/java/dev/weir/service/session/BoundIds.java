package dev.weir.service.session;

import dev.weir.service.catalog.SensorInfo;
import dev.weir.service.core.OwnedBy;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.wire.SensorKinds;
import java.util.Arrays;
import java.util.List;

/**
 * The sensor ids bound in a publishing session, with their kinds. Written by the event loop; the
 * control pool may read ids that were bound before it was handed the batch that uses them.
 */
@OwnedBy("event loop")
final class BoundIds implements SensorKinds {
  private static final int PAGE_BITS = 8;
  private static final int PAGE = 1 << PAGE_BITS;

  /** A page with its header and its place. */
  private static final int PAGE_BYTES = PAGE + 24;

  private final Budget sessions;
  private byte[][] pages = new byte[4][];
  private long heldBytes;
  private Range alike = Range.NONE;

  /**
   * @param sessions is charged what is bound, also beyond its end: what is stored must be known
   */
  BoundIds(Budget sessions) {
    this.sessions = sessions;
  }

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

  /** Binds sensors to their ids. */
  void bind(List<SensorInfo> sensors) {
    sensors.forEach(sensor -> bind(sensor.id(), sensor.kind()));
  }

  void bind(int sensorId, int kind) {
    int page = sensorId >>> PAGE_BITS;
    if (page >= pages.length) {
      pages = Arrays.copyOf(pages, Math.max(page + 1, pages.length * 2));
    }
    if (pages[page] == null) {
      pages[page] = new byte[PAGE];
      heldBytes += PAGE_BYTES;
      sessions.take(PAGE_BYTES);
    }
    pages[page][sensorId & PAGE - 1] = (byte) kind;
    alike = alike.with(sensorId, kind);
  }

  /** The session is over: nothing is charged any more. */
  void close() {
    sessions.giveBack(heldBytes);
    heldBytes = 0;
  }
}
