/**
 * One subscription's place in the log and what it sends next: live, catching up, snapshots, gaps,
 * flow control. {@code core.state.FeedLifecycle} has the states of a feed. Owned by the event loop;
 * fetches run on the catch-up pool. Depends on {@code session} and what is below it.
 */
package dev.weir.service.session.feed;
