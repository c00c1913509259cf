/**
 * The faults that a server can be given on purpose: it dies at a named point, goes without one of
 * its protections, has a small disk, or loses a thread. The audits of integration-tests show with
 * them what they would see. The program does not have this module; {@code ServiceLoader} finds it
 * where an audit puts it on the class path. docs/reliability.md lists the faults. State belongs to
 * the faults of one server. Depends on {@code service} and what it depends on.
 */
package dev.weir.faultinjection;
