/**
 * Topics, sensors, committed cursors and which sensors a selector means: folds of the log. The
 * catalogue of a topic is read by any thread and changed by the writers of its partitions; topics
 * and cursors are read by any thread and changed by the system thread, the one owner of the system
 * partition. Depends on {@code log}, {@code wire}, {@code config} and {@code core}.
 */
package dev.weir.service.catalog;
