/**
 * The processes that a scenario starts: servers, publishers and subscribers of every system. Each
 * reads its commands as lines from its standard input, and answers each with one line of {@code
 * key=value} pairs.
 */
package dev.weir.bench.process;
