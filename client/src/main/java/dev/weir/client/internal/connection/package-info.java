/**
 * One live streaming call: marshallers over bytes, and callbacks on the loop thread, which owns it.
 *
 * <p>Depends on gRPC, protobuf and the internal package.
 */
package dev.weir.client.internal.connection;
