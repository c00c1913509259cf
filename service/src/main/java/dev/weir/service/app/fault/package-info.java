/**
 * The places at which a server can be given faults on purpose, so that audits can show what they
 * would see. The program has no faults: they are in the module fault-injection, which is found on
 * the class path; docs/reliability.md lists the hidden options that ask for them. Used by app and
 * the command line.
 */
package dev.weir.service.app.fault;
