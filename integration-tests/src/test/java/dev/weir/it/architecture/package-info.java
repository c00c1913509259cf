/**
 * The rules of architecture.md, "Dependency direction", over the classes of all modules but bench,
 * which is no part of the default build. Each says why it is there and what to do instead.
 */
package dev.weir.it.architecture;
