/**
 * The end of a process that cannot go on, or that does not stop in time: what ends it, and its last
 * line. Wired by app alone.
 */
package dev.weir.service.app.end;
