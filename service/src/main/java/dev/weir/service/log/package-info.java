/**
 * The storage interface: an engine claims partitions, appends, reads and retains; nothing here
 * assumes one process or one file system. State belongs to the engines.
 *
 * <p>Each engine is a package below this one, or a jar of its own. {@link
 * dev.weir.service.log.LogEngineProvider} is its entry point, which {@link
 * dev.weir.service.log.LogEngineProviders} finds by {@link java.util.ServiceLoader}; {@link
 * dev.weir.service.log.LogEngines} has those that are open, one for each durability. Everybody else
 * asks it, and names no engine. Depends on {@code config}, {@code core} and the contract's
 * durabilities.
 */
package dev.weir.service.log;
