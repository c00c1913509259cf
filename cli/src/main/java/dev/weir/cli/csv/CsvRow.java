package dev.weir.cli.csv;

/**
 * One reading to publish, its value still as text. Immutable.
 *
 * @param sensor the sensor's name
 * @param timeNanos event time, Unix nanoseconds
 * @param value as its kind is written
 */
public record CsvRow(String sensor, long timeNanos, String value) {}
