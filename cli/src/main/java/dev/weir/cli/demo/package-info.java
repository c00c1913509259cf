/**
 * {@code weir demo}: this machine's own sensors through a server, with an account of every reading.
 *
 * <p>Four processes: the demo itself owns the other three, which are a server, a publisher and a
 * subscriber; they talk to it in lines on their standard streams and end when their standard input
 * closes. May depend on the client, {@code dev.weir.cli.shell}, OSHI and HdrHistogram.
 */
package dev.weir.cli.demo;
