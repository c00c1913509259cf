/** What the client counts and times. */
package dev.weir.client.internal.metrics;
