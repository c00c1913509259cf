/** Counts and times the work of one client, for OpenTelemetry. */
package dev.weir.client.internal.metrics;
