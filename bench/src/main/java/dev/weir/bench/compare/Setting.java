package dev.weir.bench.compare;

import java.nio.file.Path;

/**
 * How long and how often. Immutable.
 *
 * @param rounds rounds of each contender, alternating; at least 5 for a figure in a document
 * @param windowSeconds measured seconds of a round
 * @param warmupSeconds of load before the first round
 * @param data an empty directory below which contenders keep their data; emptied after the bout
 * @param full whether the long form is asked for: {@code make bench-full}
 */
record Setting(int rounds, int windowSeconds, int warmupSeconds, Path data, boolean full) {}
