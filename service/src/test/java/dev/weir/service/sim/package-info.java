/**
 * The whole service but its transport on virtual time: one seeded thread runs every task of every
 * owner, the disk fails, processes die, clocks jump, and a book knows what must be true all the
 * while. Uses the product's own classes, and from tests the disk of {@code log.segment}.
 */
package dev.weir.service.sim;
