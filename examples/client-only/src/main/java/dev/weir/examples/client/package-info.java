/**
 * An example: publishing and subscribing with the Java client. It owns no state and depends on
 * {@code weir-client} only.
 */
package dev.weir.examples.client;
