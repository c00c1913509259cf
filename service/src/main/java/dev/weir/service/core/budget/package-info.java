/**
 * Accounts of what peers make the server hold: bytes of heap, bytes of direct memory, files. All is
 * thread-safe, counts and never blocks. Depends on the JDK only.
 */
package dev.weir.service.core.budget;
