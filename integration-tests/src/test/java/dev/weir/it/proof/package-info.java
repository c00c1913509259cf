/**
 * Audits of real servers: kills, byte flips, harmed connections, system calls, fencing. They keep
 * books of their own and complain about what does not fit; each is also run against a server
 * without the protection it is about, and must complain then. {@code make crash}, {@code make
 * flips}, {@code make cuts}, {@code make strace-proof} and {@code make audits-can-fail} run them at
 * length.
 *
 * <p>Each audit owns the processes it starts and ends them. May depend on everything.
 */
package dev.weir.it.proof;
