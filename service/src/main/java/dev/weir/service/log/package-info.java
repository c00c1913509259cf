/**
 * The storage interface: an engine claims partitions, appends, reads and retains; nothing here
 * assumes one process or one file system. State belongs to the engines. Depends on {@code core}.
 */
package dev.weir.service.log;
