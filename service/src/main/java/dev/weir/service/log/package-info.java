/**
 * The storage interface: an engine claims partitions, appends, reads and retains; nothing here
 * assumes one process or one file system. State belongs to the engines.
 *
 * <p>Each engine is a package below this one, or a jar of its own. {@link
 * dev.weir.service.log.LogEngineProvider} is its entry point, which {@link
 * dev.weir.service.log.LogEngineProviders} finds by {@link java.util.ServiceLoader}; {@link
 * dev.weir.service.log.LogEngines} has those that are open, one for each durability. {@link
 * dev.weir.service.log.LogInspection} looks into the store of an engine that is not open. Everybody
 * else asks these, and names no engine. Depends on {@code config}, {@code core} and the contract's
 * durabilities.
 */
package dev.weir.service.log;
