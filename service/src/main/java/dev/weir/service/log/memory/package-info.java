/**
 * The engine that keeps partitions in memory only, for topics of durability MEMORY: a restart
 * begins them anew. Its logs own their records. {@link
 * dev.weir.service.log.memory.MemoryEngineProvider} opens it. Depends on {@code config}, {@code
 * core} and {@code log}.
 */
package dev.weir.service.log.memory;
