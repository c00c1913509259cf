/**
 * The servers that take part in a comparison, as the runner sees them: started and stopped, each in
 * a process of its own, with their ports and what they use. Owned by the runner's thread. May
 * depend on {@code dev.weir.bench} and the process classes of {@code dev.weir.bench.load}.
 */
package dev.weir.bench.peer;
