package dev.weir.service.partition;

import dev.weir.service.config.Limits;
import dev.weir.service.core.Timer;
import dev.weir.service.core.budget.Budget;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.telemetry.Meters;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * The parts that a partition works with.
 *
 * @param limits its bounds
 * @param writer runs tasks one at a time, in order: the partition's writer thread
 * @param views runs tasks one at a time, in order: the partition's view thread
 * @param background runs checkpoints, which block, and closes logs; in any order, several at once
 * @param timer lets last values rest
 * @param epochNanos the server's clock, Unix nanoseconds
 * @param meters counts what is stored
 * @param catalogBudget bounds topics and their sensors
 * @param latestBudget bounds the last values of all partitions
 * @param sequenceRule judges what publishers send
 */
public record PartitionContext(
    Limits limits,
    Executor writer,
    Executor views,
    Executor background,
    Timer timer,
    LongSupplier epochNanos,
    Meters meters,
    Budget catalogBudget,
    Budget latestBudget,
    SequenceRule sequenceRule) {}
