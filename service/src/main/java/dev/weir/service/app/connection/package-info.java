/**
 * What stands between a listener and HTTP/2: who may connect, and what a connection may send
 * besides calls. Owned by the event loops of the connections. Wired by app alone.
 */
package dev.weir.service.app.connection;
