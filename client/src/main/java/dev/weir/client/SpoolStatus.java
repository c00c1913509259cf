package dev.weir.client;

/**
 * The content of a publisher's spool. Immutable; as of a moment ago.
 *
 * <p>An application that reads its readings from somewhere, with one thread, knows after a restart
 * where to continue: after the first {@code readingsAccepted} of them, or {@code
 * readingsBehindPosition} readings after {@code position}.
 *
 * @param bytes bytes on disk
 * @param readingsWaiting readings of frames that are not wholly stored yet
 * @param readingsAccepted readings accepted since the directory was made, in the order of {@code
 *     publish}: they are synced, and will be stored or reported as lost
 * @param position the newest position ({@link Publisher#position}) after accepted readings; empty:
 *     none
 * @param readingsBehindPosition accepted readings that were published after that position was set;
 *     all, where there is none
 * @param readingsDropped readings that made room for others, since the directory was made
 * @param readingsDamaged readings that damage on this disk took, since the directory was made
 */
public record SpoolStatus(
    long bytes,
    long readingsWaiting,
    long readingsAccepted,
    String position,
    long readingsBehindPosition,
    long readingsDropped,
    long readingsDamaged) {}
