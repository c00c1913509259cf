/**
 * Decides whether a batch or a message is right, and re-encodes what is right but not canonical.
 * Pure functions. Depends on {@code wire.columns}, {@code wire.protobuf} and {@code wire.names}.
 */
package dev.weir.service.wire.check;
