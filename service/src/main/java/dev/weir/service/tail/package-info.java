/**
 * Recent encoded records of a partition in memory. Appended by the partition's writer, read by any
 * thread without locks; evicted under one byte budget. Depends on {@code log} and {@code core}.
 */
package dev.weir.service.tail;
