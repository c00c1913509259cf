/**
 * Calls that deliver readings and keep cursors: Subscribe, Tail, Read, GetLatest, cursor requests.
 * Owned by the event loop. Depends on {@code session.feed} and what is below it.
 */
package dev.weir.service.session.subscribe;
