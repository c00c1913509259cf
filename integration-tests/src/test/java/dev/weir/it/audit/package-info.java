/**
 * Audits over a million readings: what was published, compared with what was received. Owned by the
 * test that made them. Depends on the contract tests' harness, never on the Weir client.
 */
package dev.weir.it.audit;
