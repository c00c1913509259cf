/**
 * Looks into a data directory without changing it: what is there, and what is wrong with it.
 * Depends on {@code log.segment.recovery}, {@code .read} and {@code .file}.
 */
package dev.weir.service.log.segment.inspect;
