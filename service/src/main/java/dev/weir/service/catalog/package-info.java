/**
 * Topics, sensors and their ids: a fold of the log. The catalogue of a topic is read by any thread
 * and changed by the writers of its partitions; the topics are changed by the owner of the system
 * partition. Depends on {@code log} and {@code core}.
 */
package dev.weir.service.catalog;
