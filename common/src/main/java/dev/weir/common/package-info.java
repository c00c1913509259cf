/** Holds code that the client and the server both need. Depends on the JDK alone. */
package dev.weir.common;
