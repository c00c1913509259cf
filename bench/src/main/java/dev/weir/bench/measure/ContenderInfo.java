package dev.weir.bench.measure;

/**
 * One system in one configuration. Immutable.
 *
 * @param name such as {@code weir-synced}, {@code nats}, {@code kafka-flush}
 * @param version of the system
 * @param durability what its acknowledgement promises, in words
 * @param settings what differs from the system's defaults
 */
public record ContenderInfo(String name, String version, String durability, String settings) {}
