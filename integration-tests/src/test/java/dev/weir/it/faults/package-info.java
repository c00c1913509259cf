/**
 * What a server does when something under it fails while it starts or stops. Tests own their
 * servers and directories. Depends on the service and the generated stubs.
 */
package dev.weir.it.faults;
