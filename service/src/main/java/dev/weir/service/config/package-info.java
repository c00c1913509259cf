/**
 * The configuration that an operator may set: the listener, the data directory and every limit,
 * with units, bounds and defaults, checked at start. Everything is immutable. Depends on Jackson
 * and the JDK; nothing here reads the environment.
 */
package dev.weir.service.config;
