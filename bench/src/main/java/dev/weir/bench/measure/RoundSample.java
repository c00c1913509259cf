package dev.weir.bench.measure;

import java.util.List;
import java.util.Map;

/**
 * The result of one round of one contender. Immutable.
 *
 * @param numbers by name: {@code readings_per_second}, {@code deliveries_per_second}, {@code
 *     cpu_seconds_per_million}, {@code p50_millis}, {@code p99_millis}, …
 * @param problems what was lost, repeated or wrong; empty: every reading is accounted for
 */
public record RoundSample(Map<String, Double> numbers, List<String> problems) {}
