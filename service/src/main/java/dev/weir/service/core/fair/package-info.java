/**
 * Work that many callers want done by few threads: in turns, bounded, and not for callers that are
 * gone. {@link dev.weir.service.core.fair.FairQueue} is the rule, {@link
 * dev.weir.service.core.fair.FairExecutor} drives it on threads that are passed in. Depends on the
 * JDK only.
 */
package dev.weir.service.core.fair;
