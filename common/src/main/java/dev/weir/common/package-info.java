/** What the client and the server both need, written once. Depends on the JDK alone. */
package dev.weir.common;
