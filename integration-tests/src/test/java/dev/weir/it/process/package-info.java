/**
 * Waits for processes that tests start, each with a limit. Stateless; depends on nothing of ours.
 */
package dev.weir.it.process;
