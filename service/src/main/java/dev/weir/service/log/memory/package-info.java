/**
 * The engine that keeps partitions in memory only, for topics of durability MEMORY: a restart
 * begins them anew. Its logs own their records. Depends on {@code core} and {@code log}.
 */
package dev.weir.service.log.memory;
