/**
 * Reads and builds canonical columns and rows. Pure functions; what is mutable is owned by the call
 * that made it. Depends on {@code wire.protobuf}.
 */
package dev.weir.service.wire.columns;
