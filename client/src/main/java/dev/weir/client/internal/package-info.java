/**
 * The core of one client, on which the public API stands.
 *
 * <p>May depend on all packages below it and on the public API. Not for users: everything here may
 * change.
 */
package dev.weir.client.internal;
