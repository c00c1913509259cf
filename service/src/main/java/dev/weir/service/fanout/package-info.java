/**
 * Wakes subscribers once per partition and event loop. Owned by the event loops; the writer only
 * sets a flag. Depends on {@code tail} and {@code core}.
 */
package dev.weir.service.fanout;
