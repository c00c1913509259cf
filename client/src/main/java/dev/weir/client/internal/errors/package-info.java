/** Translates errors to the exception of the public API. */
package dev.weir.client.internal.errors;
