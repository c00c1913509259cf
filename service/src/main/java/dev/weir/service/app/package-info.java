/**
 * Wiring: the only creator of threads, ports and clocks, the only reader of the environment, and
 * the order of starting and stopping. May depend on every package of the service but those of the
 * log engines, which it has from {@link dev.weir.service.log.LogEngines}.
 */
package dev.weir.service.app;
