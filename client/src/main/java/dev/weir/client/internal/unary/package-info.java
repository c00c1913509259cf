/** Unary calls with their deadlines, retries and pages, and uploads. */
package dev.weir.client.internal.unary;
