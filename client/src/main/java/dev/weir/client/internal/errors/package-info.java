/** Says in the words of the public API what went wrong. */
package dev.weir.client.internal.errors;
