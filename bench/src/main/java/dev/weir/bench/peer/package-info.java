/**
 * The servers that take part in a comparison, as the runner sees them: started and stopped, each in
 * a process of its own, with their ports and what they use. Owned by the thread of the runner. May
 * depend on {@code dev.weir.bench} and {@code dev.weir.bench.process}.
 */
package dev.weir.bench.peer;
