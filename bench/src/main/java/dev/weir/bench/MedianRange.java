package dev.weir.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The middle and the ends of one number over several runs. Immutable.
 *
 * @param median the middle; of an even count the mean of the two in the middle
 * @param min the least
 * @param max the greatest
 */
public record MedianRange(double median, double min, double max) {
  /** Over at least one run. */
  public static <T> MedianRange of(List<T> runs, ToDoubleFunction<T> number) {
    double[] sorted = runs.stream().mapToDouble(number).sorted().toArray();
    int last = sorted.length - 1;
    return new MedianRange(
        (sorted[last / 2] + sorted[(last + 1) / 2]) / 2, sorted[0], sorted[last]);
  }

  /** For the results. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("median", median);
    map.put("min", min);
    map.put("max", max);
    return map;
  }
}
