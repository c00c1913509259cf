/**
 * The bytes of batches and messages: checking, re-encoding, filtering and framing them. Pure
 * functions without threads, clock or gRPC; what is mutable here is owned by the call that made it.
 * May depend on {@code core}, the generated {@code dev.weir.v1} types, protobuf and Guava.
 */
package dev.weir.service.wire;
