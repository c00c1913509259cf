package dev.weir.bench.measure;

/**
 * One system in one configuration. Immutable.
 *
 * @param name such as {@code weir-synced}, {@code nats}, {@code kafka-flush}
 * @param version of the system
 * @param durability a description of what its acknowledgement promises
 * @param settings what differs from the system's defaults
 */
public record ContenderInfo(String name, String version, String durability, String settings) {}
