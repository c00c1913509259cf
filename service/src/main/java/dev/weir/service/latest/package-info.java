/**
 * The last value of every sensor of a partition, cut consistently at a log position, and such cuts
 * encoded. {@code LastValuesFold} is owned by one view thread; cuts that are taken from it are
 * immutable, and whoever holds them for a peer is charged what they alone keep in memory. Depends
 * on {@code wire} and {@code core}.
 */
package dev.weir.service.latest;
