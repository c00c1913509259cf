/**
 * The rules of architecture.md, "Dependency direction", over the classes of all modules but bench,
 * which is no part of the default build. Each states its reason and the way out.
 */
package dev.weir.it.architecture;
