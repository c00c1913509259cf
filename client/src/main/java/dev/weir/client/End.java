package dev.weir.client;

import dev.weir.v1.EndReason;

/**
 * The planned end of a subscription. Immutable.
 *
 * @param reason UNTIL_REACHED, LAGGED, TOPIC_DELETED, or REMOVED after close or drain
 * @param cursor the position after everything the handler finished; empty where nothing was ever
 *     opened
 */
public record End(EndReason reason, String cursor) {}
