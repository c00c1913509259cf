/** Protobuf encodings, envelopes and outgoing messages as bytes. Pure functions. */
package dev.weir.service.wire.protobuf;
