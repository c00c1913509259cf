/**
 * The states of sessions, subscriptions and feeds as tables of allowed transitions. The tables are
 * immutable but for the note of what was visited, which is thread-safe; a session or a feed owns
 * its state. Depends on the JDK only.
 */
package dev.weir.service.core.state;
