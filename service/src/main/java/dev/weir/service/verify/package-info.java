/**
 * Checks a data directory that no server uses: every file against its checksum, the records against
 * each other, and what is folded from them against the records. State is owned by the one who
 * checks; nothing on disk is changed. Depends on {@code partition}, {@code catalog}, {@code log}
 * and {@code core}.
 */
package dev.weir.service.verify;
