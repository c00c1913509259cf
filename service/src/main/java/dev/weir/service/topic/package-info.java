/**
 * The topics that are served: registry, opening, retention, deletion. Thread-safe; changes are made
 * on one thread. Depends on {@code partition} and what is below it.
 */
package dev.weir.service.topic;
