/**
 * The processes that a scenario starts: servers, publishers and subscribers of every system. Each
 * is told what to do by lines on its standard input, and answers each with one line of {@code
 * key=value} words.
 */
package dev.weir.bench.process;
