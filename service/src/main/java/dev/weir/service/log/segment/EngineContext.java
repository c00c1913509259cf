package dev.weir.service.log.segment;

import dev.weir.common.file.DataFiles;
import dev.weir.service.log.segment.file.SegmentEvent;
import dev.weir.service.log.segment.file.SegmentOptions;
import dev.weir.service.log.segment.read.SegmentReadCaches;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What all partitions of an engine share. Thread-safe.
 *
 * @param files the way to the disk
 * @param reserve what publishers may not take of it
 * @param options the bounds
 * @param epochNanosClock Unix nanoseconds
 * @param syncPool where syncs wait
 * @param events told what an operator should know; must not block
 * @param reads what readers share
 * @param activeFiles which partitions have the file open that they append to
 * @param staging the buffer of each appending thread
 */
record EngineContext(
    DataFiles files,
    DiskReserve reserve,
    SegmentOptions options,
    LongSupplier epochNanosClock,
    Executor syncPool,
    Consumer<SegmentEvent> events,
    SegmentReadCaches reads,
    ActiveFileLimiter activeFiles,
    ThreadLocal<ByteBuffer> staging) {}
