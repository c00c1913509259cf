package dev.weir.it.contract.harness;

/**
 * A delivered reading.
 *
 * @param partition it came from
 * @param sensor its name
 * @param value its value
 * @param cursor its own in row form, else its delivery's
 */
public record DeliveredReading(int partition, String sensor, double value, String cursor) {}
