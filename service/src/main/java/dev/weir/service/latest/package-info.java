/**
 * The last value of every sensor of a partition, cut consistently at a log position, and such cuts
 * encoded. {@code LastValuesFold} is owned by one view thread; everything taken from it is
 * immutable. Depends on {@code wire} and {@code core}.
 */
package dev.weir.service.latest;
