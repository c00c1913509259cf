/**
 * The squeeze: a real server with a small heap, a small direct memory and few descriptors, which is
 * abused in every known way while honest clients are measured beside. {@code make squeeze} runs it
 * at length, {@code .ci/run} in a short form, and {@code make squeeze-can-fail} against servers
 * that go without one protection each.
 *
 * <p>The test's own process measures the honest clients; the abusers run in a process of their own,
 * at a lower priority. The audit owns both processes it starts and ends them. May depend on the
 * contract's stubs, the client, and the server's limits and faults.
 */
package dev.weir.it.squeeze;
