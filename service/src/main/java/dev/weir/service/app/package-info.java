/**
 * Wiring: the only creator of threads, ports and clocks, the only reader of the environment, and
 * the order of starting and stopping. May depend on every package of the service.
 */
package dev.weir.service.app;
