/**
 * What a server does wrong on purpose, so that audits can show what they would see: it dies at a
 * named point, or goes without one of its protections. Nothing of it is there unless {@code weir
 * serve} was started with hidden options; docs/reliability.md lists them. Wired by app alone.
 */
package dev.weir.service.app.fault;
