package dev.weir.service.sim;

import dev.weir.service.config.Limits;
import dev.weir.service.log.segment.file.SegmentOptions;
import java.util.function.LongSupplier;

/**
 * What a world's servers have in common. Immutable.
 *
 * @param limits their bounds
 * @param segments their files' bounds
 * @param clock the machine's clock, Unix nanoseconds, which may jump
 * @param catchUpTasks that may wait
 * @param retentionNanos between two looks at what may go
 */
record SimServerSettings(
    Limits limits,
    SegmentOptions segments,
    LongSupplier clock,
    int catchUpTasks,
    long retentionNanos) {}
