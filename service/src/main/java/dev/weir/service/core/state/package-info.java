/**
 * The states of sessions and subscriptions as tables of allowed transitions. The tables are
 * immutable but for the note of what was visited, which is thread-safe; a session owns its state.
 * Depends on the JDK only.
 */
package dev.weir.service.core.state;
