package dev.weir.it.squeeze;

import dev.weir.service.config.Limit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what an abuse did, and the refusals it met. Thread-safe. */
final class AbuseCounts {
  private static final int TEXT_BYTES_MAX = 8_192;

  /** Bounds that a refusal may name. */
  private static final List<String> NAMES =
      List.of(
          Limit.PUBLISH_BUDGET_BYTES.yamlName(),
          Limit.UNSENT_BUDGET_BYTES.yamlName(),
          Limit.REQUEST_BUDGET_BYTES.yamlName(),
          Limit.SESSION_BUDGET_BYTES.yamlName(),
          Limit.CATALOG_BUDGET_BYTES.yamlName(),
          Limit.CATCHUP_BLOCK_BYTES.yamlName(),
          Limit.SNAPSHOT_BUDGET_BYTES.yamlName(),
          Limit.ARRIVING_BUDGET_BYTES.yamlName(),
          Limit.OPEN_FILES_MAX.yamlName(),
          Limit.CONNECTIONS_MAX.yamlName(),
          Limit.SESSIONS_MAX.yamlName(),
          Limit.SUBSCRIPTIONS_PER_SESSION_MAX.yamlName(),
          Limit.VIEWS_MAX.yamlName(),
          Limit.BATCH_SENSORS_MAX.yamlName(),
          Limit.SELECTOR_NAMES_MAX.yamlName(),
          Limit.SELECTOR_GLOBS_MAX.yamlName(),
          Limit.CONTROL_QUEUE_TASKS.yamlName(),
          Limit.CATCHUP_QUEUE_TASKS.yamlName());

  private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();

  void add(String what, long more) {
    counts.computeIfAbsent(what, name -> new LongAdder()).add(more);
  }

  void add(String what) {
    add(what, 1);
  }

  /** Counts the bounds that a frame names. */
  void reasons(byte[] payload, int length) {
    if (length > TEXT_BYTES_MAX) {
      return;
    }
    String text = new String(payload, 0, length, StandardCharsets.ISO_8859_1);
    for (String name : NAMES) {
      if (text.contains(name)) {
        add("refused by " + name);
      }
    }
  }

  /** A line for each count: what, a tab, how many. */
  @Override
  public String toString() {
    StringBuilder lines = new StringBuilder();
    counts.forEach((what, count) -> lines.append(what).append('\t').append(count).append('\n'));
    return lines.toString();
  }
}
