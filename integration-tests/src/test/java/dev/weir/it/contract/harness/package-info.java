/**
 * The parts that contract tests share: servers that can be stopped, killed and started again on the
 * same directory, a disk that fails when told, and probes that record every message of a call.
 * Owned by the test that made them. Depends on the service's start and on the generated stubs,
 * never on the Weir client, so that tests see the wire.
 */
package dev.weir.it.contract.harness;
